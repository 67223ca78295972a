# 1 and True are one key: the later value wins and a loses its only caller.
from metaflow import FlowSpec, step


class OneIsTrue(FlowSpec):
    @step
    def start(self):
        self.k = 1
        self.next({True: self.a, 1: self.b, 0: self.c}, condition="k")

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
    OneIsTrue()
