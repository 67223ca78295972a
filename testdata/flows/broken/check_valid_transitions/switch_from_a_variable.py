from metaflow import FlowSpec, step


class FromVariable(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        cases = {"a": self.a, "b": self.end}
        self.next(cases, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    FromVariable()
