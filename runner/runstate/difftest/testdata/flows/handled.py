import os
import time

from metaflow import FlowSpec, catch, current, retry, step, timeout


class Handled(FlowSpec):
    @step
    def start(self):
        self.items = ["fine", "second try", "caught"]
        self.next(self.work, foreach="items")

    @catch(var="problem", print_exception=False)
    @retry(times=1, minutes_between_retries=0)
    @step
    def work(self):
        if self.input == "second try" and current.retry_count == 0:
            raise ValueError("first try")
        if self.input == "caught":
            raise KeyError("always")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.slow)

    @catch(var="late", print_exception=False)
    @timeout(seconds=1)
    @step
    def slow(self):
        time.sleep(60)
        self.next(self.last)

    @retry(times=1, minutes_between_retries=0)
    @step
    def last(self):
        if not os.environ.get("MEND"):
            raise RuntimeError("each time")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Handled()
