from metaflow import FlowSpec, step


class TwoWaysIntoJoin(FlowSpec):
    @step
    def start(self):
        self.next(self.decide, self.other)

    @step
    def decide(self):
        self.kind = "p"
        self.next({"p": self.p, "q": self.q}, condition="kind")

    @step
    def p(self):
        self.next(self.join)

    @step
    def q(self):
        self.next(self.join)

    @step
    def other(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TwoWaysIntoJoin()
