from metaflow import FlowSpec, step


class TwoEnds(FlowSpec):
    @step
    def start(self):
        self.ok = "y"
        self.next({"y": self.good, "n": self.bad}, condition="ok")

    @step(end=True)
    def good(self):
        pass

    @step(end=True)
    def bad(self):
        pass


if __name__ == "__main__":
    TwoEnds()
