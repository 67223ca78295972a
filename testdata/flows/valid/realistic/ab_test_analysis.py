from __future__ import annotations

import random
import statistics as st
import typing as t

import metaflow
from metaflow import FlowSpec as Flow, Parameter as P, current as ctx, step as task


class Arm(t.NamedTuple):
    name: str
    lift: float


ARMS: t.Final = (Arm("control", 0.0), Arm("treatment", 0.1))


class ABTest(Flow):
    users = P("users", default=500)

    @task
    def start(self) -> None:
        self.arms = [a._asdict() for a in ARMS]
        self.next(self.sample, self.checks)

    @task
    def sample(self) -> None:
        rng = random.Random(1)
        self.samples = {
            a["name"]: [rng.gauss(1 + a["lift"], 0.2) for _ in range(self.users)] for a in self.arms
        }
        self.metrics = ["mean", "median", "p90"]
        self.next(self.metric, foreach="metrics")

    @task
    def metric(self) -> None:
        name = self.input
        functions: dict[str, t.Callable] = {
            "mean": st.mean,
            "median": st.median,
            "p90": lambda xs: sorted(xs)[int(len(xs) * 0.9)],
        }
        self.row = {arm: functions[name](xs) for arm, xs in self.samples.items()}
        self.next(self.metrics_join)

    @task
    def metrics_join(self, inputs) -> None:
        self.rows = [i.row for i in inputs]
        self.next(self.decide)

    @metaflow.retry(times=1)
    @task
    def checks(self) -> None:
        self.balanced = True
        self.next(self.decide)

    @task
    def decide(self, inputs) -> None:
        self.rows = inputs.metrics_join.rows
        self.balanced = inputs.checks.balanced
        self.winner = max(self.rows[0], key=self.rows[0].get)
        self.next(self.end)

    @task
    def end(self) -> None:
        print(ctx.flow_name, self.winner)


if __name__ == "__main__":
    ABTest()
