# A static method keeps what @step set on the function.
from metaflow import FlowSpec, step


class Static(FlowSpec):
    @step
    def start(self):
        self.next(self.middle)

    @staticmethod
    @step
    def middle(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Static()
