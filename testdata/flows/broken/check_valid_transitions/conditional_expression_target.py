from metaflow import FlowSpec, step


class Ternary(FlowSpec):
    @step
    def start(self):
        self.next(self.a if self.flag else self.end)

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Ternary()
