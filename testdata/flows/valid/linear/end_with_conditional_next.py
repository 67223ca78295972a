# The last statement of the end step is no call of self.next, so that nothing is seen.
from metaflow import FlowSpec, step


class HiddenNext(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.done = True
        if not self.done:
            self.next(self.start)


if __name__ == "__main__":
    HiddenNext()
