from metaflow import FlowSpec, step


class SkipsJoin(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.c = 1
        self.next({1: self.a1, 2: self.end}, condition="c")

    @step
    def a1(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SkipsJoin()
