from metaflow import FlowSpec, step


class Unpacked(FlowSpec):
    @step
    def start(self):
        more = {}
        self.c = "a"
        self.next({"a": self.a, **more, "b": self.end}, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Unpacked()
