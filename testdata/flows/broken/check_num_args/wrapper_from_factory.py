"""A decorator with arguments returns a function that takes *args."""
import time

from metaflow import FlowSpec, step


def timed(label, digits=2):
    def decorator(f):
        def inner(*args):
            began = time.time()
            f(*args)
            print(label, round(time.time() - began, digits))

        inner.__name__ = f.__name__
        return inner

    return decorator


class TimedFlow(FlowSpec):
    @step
    def start(self):
        self.rows = 3
        self.next(self.fit)

    @step
    @timed("fit")
    def fit(self):
        self.score = self.rows * 2
        self.next(self.end)

    @step
    def end(self):
        print(self.score)


if __name__ == "__main__":
    TimedFlow()
