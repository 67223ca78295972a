from metaflow import FlowSpec, step


class AnnotatedEndJoins(FlowSpec):
    @step(start=True)
    def fan(self):
        self.xs = [1, 2]
        self.next(self.work, foreach="xs")

    @step
    def work(self):
        self.next(self.collect)

    @step(end=True)
    def collect(self, inputs):
        self.n = len(list(inputs))


if __name__ == "__main__":
    AnnotatedEndJoins()
