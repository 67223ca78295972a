from metaflow import FlowSpec, step


class LostJoin(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.merged = [i for i in inputs]
        if self.merged:
            self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    LostJoin()
