import time

from metaflow import FlowSpec, step


class Slow(FlowSpec):
    @step
    def start(self):
        print("sleeping", flush=True)
        time.sleep(600)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Slow()
