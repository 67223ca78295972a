from metaflow import FlowSpec, step


class DoubleTree(FlowSpec):
    @step
    def start(self):
        self.next(self.p, self.q)

    @step
    def p(self):
        self.next(self.p1, self.p2)

    @step
    def p1(self):
        self.next(self.pj)

    @step
    def p2(self):
        self.next(self.pj)

    @step
    def pj(self, inputs):
        self.next(self.final)

    @step
    def q(self):
        self.next(self.q1, self.q2)

    @step
    def q1(self):
        self.next(self.qj)

    @step
    def q2(self):
        self.next(self.qj)

    @step
    def qj(self, inputs):
        self.next(self.final)

    @step
    def final(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    DoubleTree()
