"""Wants to poll forever by going back to its start."""

import random

from metaflow import FlowSpec, schedule, step


@schedule(hourly=True)
class Monitor(FlowSpec):
    @step
    def start(self):
        self.drift = random.random()
        self.next(self.evaluate)

    @step
    def evaluate(self):
        self.state = "drifted" if self.drift > 0.9 else "stable"
        self.next({"drifted": self.alert, "stable": self.start}, condition="state")

    @step
    def alert(self):
        print("drift", self.drift)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Monitor()
