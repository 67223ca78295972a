# Metaflow prints line 0 here.
from metaflow import FlowSpec, step


class EndJoins(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.end)

    @step
    def b(self):
        self.next(self.end)

    @step
    def end(self, inputs):
        print(len(inputs))


if __name__ == "__main__":
    EndJoins()
