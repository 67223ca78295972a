import os
import signal

from metaflow import FlowSpec, step


class Crash(FlowSpec):
    @step
    def start(self):
        os.kill(os.getpid(), signal.SIGSEGV)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Crash()
