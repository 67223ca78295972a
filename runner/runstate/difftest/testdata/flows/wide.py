from metaflow import FlowSpec, Parameter, step


class Wide(FlowSpec):
    n = Parameter("n", default=3)

    @step
    def start(self):
        self.items = ["item %d" % i for i in range(self.n)]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.length = len(self.input)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.length for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Wide()
