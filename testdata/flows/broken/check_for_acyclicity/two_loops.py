from metaflow import FlowSpec, step


class TwoLoops(FlowSpec):
    @step
    def start(self):
        self.c = 1
        self.next({1: self.x1, 2: self.a1}, condition="c")

    @step
    def x1(self):
        self.next(self.x2)

    @step
    def x2(self):
        self.d = 1
        self.next({1: self.x1, 2: self.end}, condition="d")

    @step
    def a1(self):
        self.next(self.a2)

    @step
    def a2(self):
        self.e = 1
        self.next({1: self.a1, 2: self.end}, condition="e")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TwoLoops()
