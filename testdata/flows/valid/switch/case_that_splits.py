from metaflow import FlowSpec, step


class CaseSplits(FlowSpec):
    @step
    def start(self):
        self.mode = "wide"
        self.next({"wide": self.wide, "narrow": self.narrow}, condition="mode")

    @step
    def wide(self):
        self.next(self.w1, self.w2)

    @step
    def w1(self):
        self.next(self.wj)

    @step
    def w2(self):
        self.next(self.wj)

    @step
    def wj(self, inputs):
        self.next(self.end)

    @step
    def narrow(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CaseSplits()
