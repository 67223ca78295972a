# me is not counted, self is: one ordinary parameter.
from metaflow import FlowSpec, step


class PosOnlyMixed(FlowSpec):
    @step
    def start(self):
        self.next(self.middle)

    @step
    def middle(me, /, self=None):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    PosOnlyMixed()
