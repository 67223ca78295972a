"""The function in the place of the end step takes inputs."""
import time

from metaflow import FlowSpec, step


def timed(f):
    def inner(self, inputs):
        f(self)
        print(time.time())

    return inner


class TimedFlow(FlowSpec):
    @step
    def start(self):
        self.rows = 3
        self.next(self.fit)

    @step
    def fit(self):
        self.score = self.rows * 2
        self.next(self.end)

    @step
    @timed
    def end(self):
        print(self.score)


if __name__ == "__main__":
    TimedFlow()
