"""A decorator below @step returns a function that takes *args."""
import time

from metaflow import FlowSpec, step


def timed(f):
    def inner(*args, **kwargs):
        began = time.time()
        result = f(*args, **kwargs)
        print(f.__name__, time.time() - began)
        return result

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
