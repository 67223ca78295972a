# Only running the file tells which step is the first and which the last.
from metaflow import FlowSpec, step

FIRST = {"start": True}
LAST = True


class Computed(FlowSpec):
    @step(**FIRST)
    def opening(self):
        self.next(self.closing)

    @step(end=LAST)
    def closing(self):
        pass


if __name__ == "__main__":
    Computed()
