# The mixins are no flows: their steps count only in the flow.
from metaflow import FlowSpec, step


class Begin:
    @step
    def start(self):
        self.next(self.middle)


class Finish:
    @step
    def end(self):
        print("finished")


class Mixed(Begin, Finish, FlowSpec):
    @step
    def middle(self):
        self.next(self.end)


if __name__ == "__main__":
    Mixed()
