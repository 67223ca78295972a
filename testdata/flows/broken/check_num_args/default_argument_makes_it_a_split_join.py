from metaflow import FlowSpec, step


class DefaultArg(FlowSpec):
    @step
    def start(self, verbose=False):
        self.xs = [1]
        self.next(self.a, foreach="xs")

    @step
    def a(self):
        self.next(self.j)

    @step
    def j(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    DefaultArg()
