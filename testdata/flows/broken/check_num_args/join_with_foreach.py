from metaflow import FlowSpec, step


class JoinForeach(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next(self.a, foreach="xs")

    @step
    def a(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.ys = [1]
        self.next(self.b, foreach="ys")

    @step
    def b(self):
        self.next(self.join2)

    @step
    def join2(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    JoinForeach()
