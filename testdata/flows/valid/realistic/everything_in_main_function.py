"""The flow is started by a function, and a decorator of the file's own is in use."""

import functools
import sys

from metaflow import FlowSpec, step


def announced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print("calling", function.__name__)
        return function(*args, **kwargs)

    return wrapper


class Announced(FlowSpec):
    @announced
    def helper(self):
        return [1, 2, 3]

    @step
    def start(self):
        self.values = self.helper()
        with open(sys.executable, "rb") as f:
            self.magic = f.read(4)
        while True:
            break
        for _ in range(3):
            continue
        else:
            self.looped = True
        self.next(self.end)

    @step
    def end(self):
        del self.values[0]
        global SEEN
        SEEN = True


SEEN = False


def main():
    Announced()


if __name__ == "__main__":
    main()
