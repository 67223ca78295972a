from metaflow import FlowSpec, step


class CaseIntoJoin(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.c = 1
        self.next({1: self.extra, 2: self.join}, condition="c")

    @step
    def extra(self):
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
    CaseIntoJoin()
