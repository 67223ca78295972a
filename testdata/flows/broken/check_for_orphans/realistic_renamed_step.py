"""A step was renamed in its definition and its caller, the old one was left behind."""

import math

from metaflow import FlowSpec, Parameter, card, retry, step


class Renamed(FlowSpec):
    threshold = Parameter("threshold", default=0.5)

    @step
    def start(self):
        self.values = [math.sin(i) for i in range(10)]
        self.next(self.filter_values)

    @retry
    @step
    def filter_values(self):
        self.kept = [v for v in self.values if v > self.threshold]
        self.next(self.summarise)

    @retry
    @step
    def filter_rows(self):
        """The old version."""
        self.kept = list(filter(None, self.values))
        self.next(self.summarise)

    @card
    @step
    def summarise(self):
        self.n = len(self.kept)
        self.next(self.end)

    @step
    def end(self):
        print(self.n)


if __name__ == "__main__":
    Renamed()
