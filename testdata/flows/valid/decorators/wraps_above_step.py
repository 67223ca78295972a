# functools.wraps carries over what @step set.
import functools

from metaflow import FlowSpec, step


def logged(function):
    @functools.wraps(function)
    def wrapper(self):
        print(function.__name__)
        return function(self)

    return wrapper


class WrapsStep(FlowSpec):
    @logged
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    WrapsStep()
