# The tail is next of another object.
from metaflow import FlowSpec, step


class Deeper(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        self.flow.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Deeper()
