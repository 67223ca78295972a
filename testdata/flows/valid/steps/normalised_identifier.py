# Python normalises identifiers: the ligature and the wide letter mean the plain ones.
from metaflow import FlowSpec, step


class Ligature(FlowSpec):
    @step
    def start(self):
        self.next(self.ﬁnish)

    @step
    def finish(self):
        self.next(self.ｅnd)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Ligature()
