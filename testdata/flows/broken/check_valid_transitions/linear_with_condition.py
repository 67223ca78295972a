from metaflow import FlowSpec, step


class LinearCondition(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next(self.a, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    LinearCondition()
