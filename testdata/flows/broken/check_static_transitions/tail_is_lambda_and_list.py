# The tail is inside a list.
from metaflow import FlowSpec, step


class InList(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        [self.next(self.end)]

    @step
    def end(self):
        pass


if __name__ == "__main__":
    InList()
