# A parameter with a default makes a join as well.
from metaflow import FlowSpec, step


class DefaultJoin(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.merge)

    @step
    def b(self):
        self.next(self.merge)

    @step
    def merge(self, inputs=None):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    DefaultJoin()
