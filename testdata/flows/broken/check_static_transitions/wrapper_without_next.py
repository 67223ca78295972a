"""A decorator below @step returns a function without self.next."""
import time

from metaflow import FlowSpec, step


def timed(f):
    def inner(self):
        began = time.time()
        f(self)
        print(time.time() - began)

    return inner


class TimedFlow(FlowSpec):
    @step
    def start(self):
        self.rows = 3
        self.next(self.fit)

    @step
    @timed
    def fit(self):
        self.score = self.rows * 2
        self.next(self.end)

    @step
    def end(self):
        print(self.score)


if __name__ == "__main__":
    TimedFlow()
