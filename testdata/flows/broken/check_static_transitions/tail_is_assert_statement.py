# The tail is an assert statement.
from metaflow import FlowSpec, step


class Asserted(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        assert self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Asserted()
