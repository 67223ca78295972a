"""Trains a churn model: load, split, grid search over hyperparameters, pick, evaluate."""

import math
import random
from collections import Counter

from metaflow import FlowSpec, IncludeFile, JSONType, Parameter, card, catch, current, resources, retry, step, timeout

try:
    import pandas as pd
except ImportError:  # the flow also works on plain lists
    pd = None


def sigmoid(z):
    """Numerically safe logistic function."""
    if z >= 0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


class LogisticRegression:
    def __init__(self, rate, epochs, penalty):
        self.rate, self.epochs, self.penalty = rate, epochs, penalty
        self.weights = None

    def fit(self, rows, labels):
        self.weights = [0.0] * (len(rows[0]) + 1)
        for _ in range(self.epochs):
            for row, label in zip(rows, labels):
                error = label - self.predict_one(row)
                self.weights[0] += self.rate * error
                for i, x in enumerate(row, start=1):
                    self.weights[i] += self.rate * (error * x - self.penalty * self.weights[i])
        return self

    def predict_one(self, row):
        return sigmoid(self.weights[0] + sum(w * x for w, x in zip(self.weights[1:], row)))

    def next(self, *ignored):
        """Not a transition: another class's method of the same name."""
        return self.weights


class ChurnTrainingFlow(FlowSpec):
    """
    Customer churn, monthly.

    Grid search runs as a foreach; a candidate that fails is ignored.
    """

    seed = Parameter("seed", default=17, help="Random seed")
    rows = Parameter("rows", default=200, type=int)
    grid = Parameter(
        "grid",
        type=JSONType,
        default='{"rate": [0.01, 0.1], "penalty": [0.0, 0.001]}',
        help="Hyperparameters to try",
    )

    @card(type="blank")
    @step
    def start(self):
        """Make the data and the candidates."""
        rng = random.Random(self.seed)
        self.features = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(self.rows)]
        self.labels = [int(x[0] + 0.5 * x[1] + rng.gauss(0, 0.3) > 0) for x in self.features]
        print("labels:", Counter(self.labels))
        self.next(self.split_data)

    @step
    def split_data(self):
        cut = int(0.8 * len(self.features))
        self.train = (self.features[:cut], self.labels[:cut])
        self.test = (self.features[cut:], self.labels[cut:])
        self.candidates = [
            {"rate": rate, "penalty": penalty}
            for rate in self.grid["rate"]
            for penalty in self.grid["penalty"]
        ]
        self.next(self.fit, foreach="candidates")

    @catch(var="failure")
    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=10)
    @resources(cpu=2, memory=2000)
    @step
    def fit(self):
        self.params = self.input
        try:
            model = LogisticRegression(epochs=5, **self.params).fit(*self.train)
        except OverflowError as e:
            raise ValueError(f"diverged with {self.params}") from e
        else:
            self.weights = model.weights
        hits = 0
        for row, label in zip(*self.test):
            hits += (model.predict_one(row) > 0.5) == bool(label)
        self.accuracy = hits / len(self.test[0])
        self.next(self.choose)

    @step
    def choose(self, inputs):
        alive = [i for i in inputs if not getattr(i, "failure", None)]
        best = max(alive, key=lambda i: i.accuracy)
        self.accuracy, self.params, self.weights = best.accuracy, best.params, best.weights
        self.leaderboard = sorted(((i.accuracy, i.params) for i in alive), key=lambda x: -x[0])
        self.merge_artifacts(inputs, include=["test"])
        self.next(self.end)

    @card
    @step
    def end(self):
        for accuracy, params in self.leaderboard:
            print(f"{accuracy:.3f}  {params}")
        if current.is_running_flow:
            print(f"run {current.run_id}")


if __name__ == "__main__":
    ChurnTrainingFlow()
