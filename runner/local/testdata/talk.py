import os
import sys
import time

from metaflow import FlowSpec, catch, current, retry, step


def both(n, mark=""):
    for i in range(n):
        print("out%s %d" % (mark, i))
        sys.stdout.flush()
        print("    err%s %d" % (mark, i), file=sys.stderr)
        sys.stderr.flush()


class Talk(FlowSpec):
    @step
    def start(self):
        both(20)
        print("grüße 🎉 \x1b[31mred\x1b[0m")
        for percent in (0, 50, 100):
            print("\rprogress %d%%" % percent, end="")
        print()
        print("x" * 200000)
        print("")
        print("Task finished successfully.")
        print("Foreach yields 2 child steps.")
        print("Task is starting.")
        sys.stdout.buffer.write(b"\xff\xfe not UTF-8\n")
        print("Task finished successfully.")
        sys.stdout.write("no line end")
        sys.stdout.flush()
        print("err without end", end="", file=sys.stderr)
        self.items = ["a", "b"]
        self.next(self.work, foreach="items")

    @retry(times=2, minutes_between_retries=0)
    @step
    def work(self):
        both(3, " of %s attempt %d" % (self.input, current.retry_count))
        if current.retry_count < 2:
            raise ValueError("not\nyet")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.split)

    @step
    def split(self):
        self.next(self.much, self.quiet, self.caught)

    @step
    def much(self):
        for i in range(15000):
            print("a line that makes the log larger than Metaflow stores: %06d %s" % (i, "." * 40))
        print("last")
        self.next(self.gather)

    @step
    def quiet(self):
        self.next(self.gather)

    @catch(var="why", print_exception=True)
    @step
    def caught(self):
        print("before")
        raise RuntimeError("caught this")
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        gate = os.environ.get("GATE")
        print("waiting")
        while gate and not os.path.exists(gate):
            time.sleep(0.01)
        print("going on")
        if gate:
            raise RuntimeError("boom")


if __name__ == "__main__":
    Talk()
