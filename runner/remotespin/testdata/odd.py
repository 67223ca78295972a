"""A loop, a failure and a Config, to run steps of it alone."""

import os

from metaflow import Config, FlowSpec, catch, retry, step


class OddFlow(FlowSpec):
    depth = Config("depth", default_value={"rounds": 3})

    @step
    def start(self):
        self.rounds = 0
        self.next(self.loop)

    @step
    def loop(self):
        self.rounds += 1
        self.more = "again" if self.rounds < self.depth.rounds else "done"
        self.next({"again": self.loop, "done": self.after}, condition="more")

    @catch(var="problem")
    @step
    def after(self):
        self.seen = self.rounds
        self.next(self.breaks)

    @retry(times=2, minutes_between_retries=0)
    @step
    def breaks(self):
        if os.environ.get("BREAK"):
            raise RuntimeError("on demand")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    OddFlow()
