import contextlib

from metaflow import FlowSpec, step


class Wrapped(FlowSpec):
    @step
    def start(self):
        with contextlib.suppress(KeyError):
            self.x = {}["k"]
            self.next(self.middle)

    @step
    def middle(self):
        try:
            self.next(self.end)
        finally:
            self.closed = True

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Wrapped()
