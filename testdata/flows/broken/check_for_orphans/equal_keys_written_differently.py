# "ab" and "a" "b", 0x10 and 16.0 are the same keys.
from metaflow import FlowSpec, step


class SameKeys(FlowSpec):
    @step
    def start(self):
        self.k = "ab"
        self.next({"ab": self.lost, "a" "b": self.found, 0x10: self.gone, 16.0: self.found}, condition="k")

    @step
    def lost(self):
        self.next(self.end)

    @step
    def gone(self):
        self.next(self.end)

    @step
    def found(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SameKeys()
