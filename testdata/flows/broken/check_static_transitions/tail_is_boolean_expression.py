# Neither is a boolean expression.
from metaflow import FlowSpec, step


class BoolTail(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        True and self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    BoolTail()
