# The wrapper is a new function without what @step set: no step.
from metaflow import FlowSpec, step


def hidden(function):
    def wrapper(self):
        return function(self)

    return wrapper


class BareWrapper(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @hidden
    @step
    def lost(self):
        self.next(self.nowhere)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    BareWrapper()
