# One step of a class that is no base.
from metaflow import FlowSpec, step


class Library:
    @step
    def end(self):
        pass

    @step
    def unused(self):
        self.next(self.nowhere)


class Taker(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    end = Library.end


if __name__ == "__main__":
    Taker()
