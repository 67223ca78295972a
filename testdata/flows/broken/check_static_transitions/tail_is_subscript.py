# A subscript of the result.
from metaflow import FlowSpec, step


class Subscripted(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        self.next(self.end)[0]

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Subscripted()
