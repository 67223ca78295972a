# The tail is yielded.
from metaflow import FlowSpec, step


class Yielded(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        yield self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Yielded()
