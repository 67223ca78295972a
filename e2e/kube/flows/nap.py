"""Sleeps on the cluster until it is stopped."""

import time

from metaflow import FlowSpec, Parameter, step


class NapFlow(FlowSpec):
    seconds = Parameter("seconds", default=600, type=int)

    @step
    def start(self):
        self.next(self.nap)

    @step
    def nap(self):
        print("asleep", flush=True)
        time.sleep(self.seconds)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NapFlow()
