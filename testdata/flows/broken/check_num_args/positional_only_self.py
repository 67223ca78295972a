# Positional-only parameters are not counted.
from metaflow import FlowSpec, step


class PositionalOnly(FlowSpec):
    @step
    def start(self, /):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    PositionalOnly()
