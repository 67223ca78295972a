# A conditional expression is no call.
from metaflow import FlowSpec, step


class Ternary(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        self.next(self.end) if True else None

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Ternary()
