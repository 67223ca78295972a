from metaflow import FlowSpec, parallel, step


class ParallelTwo(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b, num_parallel=2)

    @parallel
    @step
    def a(self):
        self.next(self.j)

    @parallel
    @step
    def b(self):
        self.next(self.j)

    @step
    def j(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParallelTwo()
