from metaflow import FlowSpec, step


class SwitchInBranch(FlowSpec):
    @step
    def start(self):
        self.next(self.decide, self.other)

    @step
    def decide(self):
        self.kind = "p"
        self.next({"p": self.p, "q": self.q}, condition="kind")

    @step
    def p(self):
        self.next(self.meet)

    @step
    def q(self):
        self.next(self.meet)

    @step
    def meet(self):
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
    SwitchInBranch()
