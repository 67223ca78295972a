from metaflow import FlowSpec, parallel, step


class BothKeywords(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next(
            self.a,
            foreach="xs",
            num_parallel=2,
        )

    @parallel
    @step
    def a(self):
        self.next(self.j)

    @step
    def j(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    BothKeywords()
