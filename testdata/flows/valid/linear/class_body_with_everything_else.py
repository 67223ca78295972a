import os
from functools import lru_cache

from metaflow import FlowSpec, step


class Crowded(FlowSpec):
    """Not only steps stand in a class."""

    VERSION = 3
    names: list = ["a", "b"]
    if os.name == "posix":
        SEP = "/"
    else:
        SEP = "\\"

    class _Inner:
        def start(self):
            return "not a step"

    @staticmethod
    def helper(x):
        return x + 1

    @classmethod
    def make(cls):
        return cls.VERSION

    @property
    def shiny(self):
        return True

    square = lambda self, x: x * x

    def plain(self, a, b, c):
        self.next(self.nowhere)

    @step
    def start(self):
        self.total = self.helper(self.VERSION)

        @lru_cache
        def inner(n):
            return n if n < 2 else inner(n - 1) + inner(n - 2)

        self.fib = inner(10)
        self.next(self.end)

    @step
    def end(self):
        print(self.total, self.fib)


if __name__ == "__main__":
    Crowded()
