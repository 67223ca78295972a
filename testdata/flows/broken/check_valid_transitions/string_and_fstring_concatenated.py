from metaflow import FlowSpec, step


class FString(FlowSpec):
    @step
    def start(self):
        self.c = "ab"
        self.next({"a" f"b": self.end, "c": self.end}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    FString()
