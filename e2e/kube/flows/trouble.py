import os
import time

from metaflow import FlowSpec, current, kubernetes, step, timeout


class TroubleFlow(FlowSpec):
    # DECORATOR
    @step
    def start(self):
        self.made = 1  # BODY
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TroubleFlow()
