# The tail is compared with something.
from metaflow import FlowSpec, step


class Compared(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        self.next(self.end) == None

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Compared()
