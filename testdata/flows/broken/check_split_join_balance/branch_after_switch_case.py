# One case splits and leaves it open, the other is fine.
from metaflow import FlowSpec, step


class CaseLeavesOpen(FlowSpec):
    @step
    def start(self):
        self.m = "a"
        self.next({"a": self.fine, "b": self.fan}, condition="m")

    @step
    def fine(self):
        self.next(self.end)

    @step
    def fan(self):
        self.next(self.f1, self.f2)

    @step
    def f1(self):
        self.next(self.end)

    @step
    def f2(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CaseLeavesOpen()
