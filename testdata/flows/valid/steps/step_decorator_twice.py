# The outermost @step has the last word: middle is no end step.
from metaflow import FlowSpec, step


class Twice(FlowSpec):
    @step
    def start(self):
        self.next(self.middle)

    @step
    @step(end=True)
    def middle(self):
        self.next(self.finish)

    @step(end=True)
    @step
    def finish(self):
        pass


if __name__ == "__main__":
    Twice()
