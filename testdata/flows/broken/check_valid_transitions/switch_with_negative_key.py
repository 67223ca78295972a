from metaflow import FlowSpec, step


class NegativeKey(FlowSpec):
    @step
    def start(self):
        self.c = -1
        self.next({-1: self.a, 1: self.end}, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NegativeKey()
