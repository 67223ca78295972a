# b belongs to two splits: the join finds both branches, but of different splits.
from metaflow import FlowSpec, step


class Lineages(FlowSpec):
    @step
    def start(self):
        self.c = 1
        self.next({1: self.first, 2: self.second}, condition="c")

    @step
    def first(self):
        self.next(self.a, self.b)

    @step
    def second(self):
        self.next(self.c2, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def c2(self):
        self.next(self.other_join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def other_join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Lineages()
