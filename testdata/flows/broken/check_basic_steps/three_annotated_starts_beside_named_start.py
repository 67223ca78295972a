from metaflow import FlowSpec, step


class ThreeStarts(FlowSpec):
    @step(start=True)
    def c(self):
        self.next(self.end)

    @step(start=True)
    def b(self):
        self.next(self.end)

    @step(start=True)
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ThreeStarts()
