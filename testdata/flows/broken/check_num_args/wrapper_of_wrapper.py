"""functools.wraps leads to a function that takes *args."""
import functools
import time

from metaflow import FlowSpec, step


def timed(f):
    def inner(*args, **kwargs):
        began = time.time()
        result = f(*args, **kwargs)
        print(f.__name__, time.time() - began)
        return result

    return inner


def logged(f):
    @functools.wraps(f)
    def inner(self):
        print(f"{f.__name__} begins")
        f(self)

    return inner


class TimedFlow(FlowSpec):
    @step
    def start(self):
        self.rows = 3
        self.next(self.fit)

    @step
    @logged
    @timed
    def fit(self):
        self.score = self.rows * 2
        self.next(self.end)

    @step
    def end(self):
        print(self.score)


if __name__ == "__main__":
    TimedFlow()
