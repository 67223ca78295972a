# A call of the result of self.next.
from metaflow import FlowSpec, step


class Chained(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        self.next(self.end).then()

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Chained()
