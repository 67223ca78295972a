# One step is both start and end, so that its transition is one too many.
from metaflow import FlowSpec, step


class SingleNext(FlowSpec):
    @step
    def only(self):
        self.next(self.other)

    def other(self):
        pass


if __name__ == "__main__":
    SingleNext()
