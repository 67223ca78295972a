# The later "a" wins: x stays reachable through "c".
from metaflow import FlowSpec, step


class Duplicates(FlowSpec):
    @step
    def start(self):
        self.k = "a"
        self.next({"a": self.x, "a": self.y, "c": self.x}, condition="k")

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
    Duplicates()
