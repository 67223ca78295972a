# The base class is what a function returns.
from metaflow import FlowSpec, step


def with_end(text):
    class Mixin:
        @step
        def end(self):
            print(text)

    return Mixin


class FromFunction(with_end("bye"), FlowSpec):
    @step
    def start(self):
        self.next(self.end)


if __name__ == "__main__":
    FromFunction()
