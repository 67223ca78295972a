from metaflow import FlowSpec, step


class Collapsed(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next({"a": self.end, "a": self.end, 'a': self.end}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Collapsed()
