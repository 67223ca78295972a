import os

from metaflow import FlowSpec, step


def helper(value):
    raise RuntimeError("boom: %d" % value)


class Broken(FlowSpec):
    @step
    def start(self):
        self.x = 1
        self.next(self.first, self.second)

    @step
    def first(self):
        self.y = self.x + 1
        self.next(self.join)

    @step
    def second(self):
        if not os.environ.get("MEND"):
            helper(self.x)
        self.y = self.x + 2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.ys = sorted(i.y for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Broken()
