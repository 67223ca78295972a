from metaflow import FlowSpec, step


class JoinThenSwitch(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.score = 0.4
        self.next(self.compare)

    @step
    def b(self):
        self.score = 0.6
        self.next(self.compare)

    @step
    def compare(self, inputs):
        self.best = max(i.score for i in inputs)
        self.next(self.gate)

    @step
    def gate(self):
        self.decision = "deploy" if self.best > 0.5 else "stop"
        self.next({"deploy": self.deploy, "stop": self.end}, condition="decision")

    @step
    def deploy(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    JoinThenSwitch()
