# Two cases that share their target count as two.
from metaflow import FlowSpec, step


class SameTarget(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next({"a": self.end, "b": self.end}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SameTarget()
