# The tail is negated.
from metaflow import FlowSpec, step


class Negated(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        not self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Negated()
