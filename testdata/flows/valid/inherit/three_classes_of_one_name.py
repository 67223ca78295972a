# Each class statement replaces the one before, the last has the last word.
from metaflow import FlowSpec, step


class Same(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Same(Same):
    @step
    def start(self):
        self.next(self.extra)

    @step
    def extra(self):
        self.next(self.end)


if __name__ == "__main__":
    Same()
