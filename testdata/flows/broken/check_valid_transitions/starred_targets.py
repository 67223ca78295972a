from metaflow import FlowSpec, step


class Starred(FlowSpec):
    @step
    def start(self):
        branches = [self.a, self.b]
        self.next(*branches)

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
    Starred()
