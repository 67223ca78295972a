from metaflow import FlowSpec, step


class ParallelIntoJoin(FlowSpec):
    @step
    def start(self):
        self.next(self.join, num_parallel=2)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParallelIntoJoin()
