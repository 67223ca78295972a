from metaflow import FlowSpec, step


class Squares(FlowSpec):
    @step
    def start(self):
        self.numbers = range(5)
        self.next(self.square, foreach="numbers")

    @step
    def square(self):
        self.result = self.input**2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.results = [i.result for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.results)


if __name__ == "__main__":
    Squares()
