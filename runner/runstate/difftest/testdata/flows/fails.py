import ctypes
import os
import signal
import sys
import time

from metaflow import FlowSpec, step

# Where it fails is told by the environment.
WHERE = os.environ.get("WHERE", "")

if WHERE == "import":
    import no_such_module
if WHERE == "import of the task" and "step" in sys.argv:
    import no_such_module


def fail(where):
    if WHERE != where:
        return
    raise RuntimeError("boom in " + where)


class Fails(FlowSpec):
    @step
    def start(self):
        self.items = ["a", "b", "c"]
        self.before = 1
        fail("start")
        if WHERE == "exit":
            sys.exit(3)
        if WHERE == "segfault":
            ctypes.string_at(0)
        if WHERE == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if WHERE == "scheduler":
            os.kill(os.getppid(), signal.SIGKILL)
        if WHERE == "group":
            os.killpg(0, signal.SIGKILL)
        if WHERE == "interrupt":
            os.killpg(0, signal.SIGINT)
            time.sleep(60)
        if WHERE == "unpicklable":
            self.handle = sys.stdout
        self.next(self.work, foreach="items")

    @step
    def work(self):
        if self.input == "b":
            fail("work")
        if WHERE == "work":
            time.sleep(60)  # until the scheduler ends it
        self.next(self.join)

    @step
    def join(self, inputs):
        fail("join")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Fails()
