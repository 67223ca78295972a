# The tail is the result of self.next is called.
from metaflow import FlowSpec, step


class TwiceCalled(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        self.next(self.end)()

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TwiceCalled()
