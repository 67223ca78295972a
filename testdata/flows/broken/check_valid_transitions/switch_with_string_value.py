from metaflow import FlowSpec, step


class StringValue(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next({"a": self.a, "b": "end"}, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    StringValue()
