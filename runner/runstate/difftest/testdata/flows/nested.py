from metaflow import FlowSpec, step


class Nested(FlowSpec):
    @step
    def start(self):
        self.letters = ["a", "b"]
        self.next(self.outer, foreach="letters")

    @step
    def outer(self):
        self.letter = self.input
        self.numbers = [1, 2]
        self.next(self.inner, foreach="numbers")

    @step
    def inner(self):
        self.pair = self.letter + str(self.input)
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.pairs = sorted(i.pair for i in inputs)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all = sorted(p for i in inputs for p in i.pairs)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Nested()
