"""Prints on the cluster, sleeps, fails once, and prints again."""

import sys
import time

from metaflow import FlowSpec, current, retry, step


class ChatterFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.talk)

    @retry(times=1, minutes_between_retries=0)
    @step
    def talk(self):
        for i in range(300):
            print("attempt %d line %d" % (current.retry_count, i), file=sys.stderr if i % 3 == 0 else sys.stdout, flush=True)
        time.sleep(5)
        print("attempt %d awake" % current.retry_count, flush=True)
        if current.retry_count == 0:
            raise ValueError("once")
        time.sleep(600)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ChatterFlow()
