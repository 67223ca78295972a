from metaflow import FlowSpec, step


class ExtraKeyword(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.xs = [1]
        self.next({"a": self.a, "b": self.end}, condition="c", foreach="xs")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ExtraKeyword()
