# True == 1: the dictionary keeps one entry for both, and another for 0.
from metaflow import FlowSpec, step


class TrueIsOne(FlowSpec):
    @step
    def start(self):
        self.k = 1
        self.next({True: self.a, 1: self.b, 1.0: self.b, 0: self.c, False: self.c, 2: self.a}, condition="k")

    @step
    def a(self):
        self.next(self.end)

    @step
    def b(self):
        self.next(self.end)

    @step
    def c(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TrueIsOne()
