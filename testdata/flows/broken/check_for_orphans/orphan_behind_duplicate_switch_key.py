# The first "a" is overwritten, so that x is reached by nobody.
from metaflow import FlowSpec, step


class Overwritten(FlowSpec):
    @step
    def start(self):
        self.k = "a"
        self.next({"a": self.x, "b": self.y, "a": self.y}, condition="k")

    @step
    def x(self):
        self.next(self.end)

    @step
    def y(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Overwritten()
