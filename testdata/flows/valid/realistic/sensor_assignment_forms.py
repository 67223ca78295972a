"""Sensor clean-up that assigns artifacts in every way Python has: tuples, stars, loops, with, walrus, try, while."""
import io
import sys
from contextlib import ExitStack, suppress
from itertools import accumulate, groupby, zip_longest

from metaflow import FlowSpec, step

READINGS = """\
t1 20.5 ok
t1 21.0 ok
t2 -999 err
t2 19.5 ok
t3 nan err
"""


class Window:
    def __init__(self):
        self.size = 3
        self.limits = {"low": -50, "high": 60}


class SensorFlow(FlowSpec):
    @step
    def start(self):
        self.a = self.b = self.c = 0
        self.first, *self.rest = READINGS.splitlines()
        (self.sensor, self.value), self.state = self.first.split()[:2], self.first.split()[-1]
        [self.low, self.high] = -50, 60
        self.window = Window()
        self.window.limits["low"] -= 10
        self.window.size = 5
        self.matrix = [[0] * 3 for _ in range(2)]
        self.matrix[0][1], self.matrix[1][:2] = 7, [1, 2]
        self.threshold: float = 0.5
        self.pending: "list[str]"  # only a note for readers, nothing is assigned
        self.pending = []
        for self.i in range(3):
            self.a += self.i
        for self.key, self.group in [(k, list(g)) for k, g in groupby(sorted("aabbb"))]:
            self.b += len(self.group)
        with io.StringIO() as buffer:
            print("header", file=buffer)
            self.header = buffer.getvalue()
        with ExitStack() as stack:
            self.lines = [line for line in stack.enter_context(io.StringIO(READINGS))]
        if (n := len(self.lines)) > 3:
            self.size = "big"
        elif n:
            self.size = "small"
        else:
            raise ValueError("no lines")
        self.next(self.parse)

    @step
    def parse(self):
        self.rows = []
        self.errors = 0
        lines = iter(self.lines)
        while True:
            line = next(lines, None)
            if line is None:
                break
            try:
                sensor, value, state = line.split()
                value = float(value)
            except ValueError:
                self.errors += 1
            else:
                if state != "ok":
                    continue
                self.rows.append((sensor, value))
            finally:
                self.last_line = line
        try:
            self.ratio = self.errors / len(self.rows)
        except ZeroDivisionError:
            self.ratio = float("inf")
        with suppress(KeyError):
            self.missing = {}["missing"]
        del self.lines[2:], self.matrix[0]
        self.running = list(accumulate(v for _, v in self.rows))
        self.next(self.summarise)

    @step
    def summarise(self):
        match len(self.rows):
            case 0:
                self.summary = "empty"
            case 1 | 2:
                self.summary = "few"
            case _:
                self.summary = "some"
        self.by_sensor = {}
        for s, v in self.rows:
            self.by_sensor.setdefault(s, []).append(v)
        self.by_sensor |= {"none": []}
        self.pairs = list(zip_longest(*self.by_sensor.values(), fillvalue=None))
        self.flags = {name for name in self.by_sensor if self.by_sensor[name]}
        self.size *= 2
        self.a, self.b = self.b, self.a
        maybe = None if self.ratio > 1 else "fine"
        self.comment = maybe or "too many errors"
        if self.flags:
            for s in self.flags:
                self.hottest = max(self.by_sensor[s])
        self.next(self.end)

    @step
    def end(self):
        print(self.a, self.b, self.c, self.first, len(self.rest), self.sensor, self.value, self.state, self.low, self.high, self.i, self.key)
        print(self.window.size, self.window.limits, self.matrix, self.header.strip(), self.size, self.ratio, file=sys.stderr)
        print(self.summary, self.running, self.pairs, sorted(self.flags), self.comment, self.hottest, self.last_line.strip())


if __name__ == "__main__":
    SensorFlow()
