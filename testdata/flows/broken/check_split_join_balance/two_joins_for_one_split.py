from metaflow import FlowSpec, step


class TwoJoins(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b, self.c, self.d)

    @step
    def a(self):
        self.next(self.left)

    @step
    def b(self):
        self.next(self.left)

    @step
    def c(self):
        self.next(self.right)

    @step
    def d(self):
        self.next(self.right)

    @step
    def left(self, inputs):
        self.next(self.end)

    @step
    def right(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TwoJoins()
