from metaflow import FlowSpec, step


class FCondition(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next({"a": self.end, "b": self.end}, condition=f"c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    FCondition()
