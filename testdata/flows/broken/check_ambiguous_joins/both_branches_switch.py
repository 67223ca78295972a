from metaflow import FlowSpec, step


class BothSwitch(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.c = 1
        self.next({1: self.a1, 2: self.join}, condition="c")

    @step
    def a1(self):
        self.next(self.join)

    @step
    def b(self):
        self.d = 1
        self.next({1: self.join, 2: self.b1}, condition="d")

    @step
    def b1(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    BothSwitch()
