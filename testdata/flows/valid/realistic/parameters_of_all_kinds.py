"""Simulation with many parameters: types, defaults, names, help texts in all shapes."""
import json
import math
import os
import random
import string
from functools import partial
from metaflow import FlowSpec, IncludeFile, JSONType, Parameter, step
from metaflow._vendor import click

DEFAULTS = {"beds": 10, "hours": 24}
HERE = os.path.dirname(os.path.abspath(__file__))


def default_tag(context):
    return "-".join(filter(None, (context.flow_name, context.parameter_name)))


BoolParameter = partial(Parameter, type=bool)


class HospitalSimulation(FlowSpec):
    # plain
    seed = Parameter("seed", default=1)
    rate = Parameter("arrival_rate", help="patients per hour", default=2.5)
    service = Parameter("mean-service", default=1, type=float, show_default=False)
    label = Parameter("label", default=None, required=False, help="free text")
    # deploy time
    tag = Parameter("model-tag", default=default_tag)
    run_name = Parameter("run_name", type=str, default=lambda ctx: "by-" + (ctx.user_name or "nobody"))
    # structured
    wards = Parameter("wards", type=JSONType, default=json.dumps({"er": 2, "icu": 1}))
    options = Parameter("options", type=JSONType, default=DEFAULTS)
    empty = Parameter("empty", type=JSONType, default="[]")
    shifts = Parameter("shifts", separator=",", default="day,night")
    # click's own
    policy = Parameter("policy", type=click.Choice(["fifo", "random"]), default="fifo")
    share = Parameter("share", type=click.FloatRange(0, 1), default=0.5)
    # switches
    verbose = BoolParameter("verbose", default=True)
    quiet = Parameter("quiet", is_flag=True, default=False)
    # names that are close to others
    tags_ = Parameter("extra-labels", default="a")
    alpha = Parameter("alpha", default=0.1)
    alpha_2 = Parameter("alpha-2", default=0.2)
    readme = IncludeFile("readme", default=os.path.join(HERE, os.path.basename(__file__)), encoding="utf-8")

    CAPACITY = 3
    letters = string.ascii_lowercase[:3]

    def expo(self, rng, mean):
        return rng.expovariate(1 / mean)

    @step
    def start(self):
        self.names = [f"{ward}/{shift}" for ward in self.wards for shift in self.shifts]
        self.limit = self.options["hours"] * self.share
        seed = self.seed  # a local of a parameter's name is fine
        self.seeds = [seed + n for n, _ in enumerate(self.names)]
        self.jobs = list(zip(self.names, self.seeds))
        self.next(self.simulate, foreach="jobs")

    @step
    def simulate(self):
        self.ward_name, seed = self.input
        rng = random.Random(seed)
        policy = self.policy
        now, queue, waits = 0.0, [], []
        free_at = [0.0] * self.CAPACITY
        while now < self.limit:
            now += self.expo(rng, 1 / self.rate)
            queue.append(now)
            if policy == "random":
                rng.shuffle(queue)
            arrived = queue.pop(0)
            desk = min(range(len(free_at)), key=free_at.__getitem__)
            begin = max(arrived, free_at[desk])
            waits.append(begin - arrived)
            free_at[desk] = begin + self.expo(rng, self.service)
        self.mean_wait = math.fsum(waits) / len(waits)
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.waits = {i.ward_name: round(i.mean_wait, 3) for i in inputs}
        self.next(self.end)

    @step
    def end(self):
        if self.verbose and not self.quiet:
            print(self.tag, self.run_name, self.label or "no label", self.waits)
        print(self.alpha, self.alpha_2, self.tags_, self.empty, self.letters, len(self.readme) > 100, sorted(self.options))


if __name__ == "__main__":
    HospitalSimulation()
