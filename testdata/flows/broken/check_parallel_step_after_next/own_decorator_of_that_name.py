# This parallel is the file's own: it sets nothing on the step.
from metaflow import FlowSpec, step


def parallel(f):
    return f


class OwnParallel(FlowSpec):
    @step
    def start(self):
        self.next(self.train, num_parallel=4)

    @parallel
    @step
    def train(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    OwnParallel()
