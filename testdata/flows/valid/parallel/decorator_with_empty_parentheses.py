import metaflow
from metaflow import FlowSpec, step


class Called(FlowSpec):
    @step
    def start(self):
        self.next(self.work, num_parallel=3)

    @metaflow.parallel()
    @step
    def work(self):
        self.next(self.done)

    @step
    def done(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Called()
