from metaflow import FlowSpec, step


class Concatenated(FlowSpec):
    @step
    def start(self):
        self.choice = "ab"
        self.next({"a" "b": self.a, 'c' r"\d": self.end}, condition="cho" "ice")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Concatenated()
