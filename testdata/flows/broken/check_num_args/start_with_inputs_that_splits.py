from metaflow import FlowSpec, step


class StartJoinSplit(FlowSpec):
    @step
    def start(self, inputs):
        self.next(self.a, self.b)

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
    StartJoinSplit()
