"""Shared steps come from mixins; the flow adds the simulation."""

import logging
import random
import statistics

from metaflow import FlowSpec, Parameter, step

log = logging.getLogger(__name__)


class Timed:
    """Mixin without steps."""

    def elapsed(self):
        return 0.0


class Reported:
    """Mixin with the last two steps."""

    @step
    def report(self):
        self.text = f"{self.estimate:.4f} ± {self.error:.4f}"
        self.next(self.end)

    @step
    def end(self):
        log.info("estimate %s", self.text)


class Simulation(Timed, Reported, FlowSpec):
    shards = Parameter("shards", default=4)
    samples = Parameter("samples", default=1000)

    def one(self, rng):
        x, y = rng.random(), rng.random()
        return x * x + y * y <= 1

    @step
    def start(self):
        self.seeds = list(range(self.shards))
        self.next(self.simulate, foreach="seeds")

    @step
    def simulate(self):
        rng = random.Random(self.input)
        hits = sum(self.one(rng) for _ in range(self.samples))
        self.value = 4 * hits / self.samples
        self.next(self.combine)

    @step
    def combine(self, inputs):
        values = [i.value for i in inputs]
        self.estimate = statistics.mean(values)
        self.error = statistics.stdev(values)
        self.next(self.report)


class Antithetic(Simulation):
    """Overrides one step and one helper."""

    def one(self, rng):
        return not super().one(rng)

    @step
    def report(self):
        self.text = "antithetic " + str(self.estimate)
        self.next(self.end)


if __name__ == "__main__":
    Simulation()
