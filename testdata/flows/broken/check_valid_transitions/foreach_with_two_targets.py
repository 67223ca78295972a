from metaflow import FlowSpec, step


class TwoForeach(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next(self.a, self.b, foreach="xs")

    @step
    def a(self):
        self.next(self.j)

    @step
    def b(self):
        self.next(self.j)

    @step
    def j(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TwoForeach()
