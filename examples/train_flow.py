"""Trains a small classifier with several learning rates at once and keeps the best one."""

import math
import random

from metaflow import FlowSpec, Parameter, step


def make_points(count, seed):
    """Points in a plane: those above a noisy line are labelled 1, the others 0."""
    rng = random.Random(seed)
    points = []
    for _ in range(count):
        x, y = rng.uniform(-1, 1), rng.uniform(-1, 1)
        points.append((x, y, int(y + rng.gauss(0, 0.3) > 0.4 * x)))
    return points


class TrainFlow(FlowSpec):
    """Logistic regression in plain Python: no package but Metaflow is needed."""

    epochs = Parameter("epochs", default=40, help="Passes over the training data")

    @step
    def start(self):
        points = make_points(count=400, seed=7)
        self.train, self.test = points[:300], points[300:]
        self.rates = [0.001, 0.01, 0.1]
        self.next(self.fit, foreach="rates")

    @step
    def fit(self):
        self.rate = self.input
        a = b = bias = 0.0
        for _ in range(self.epochs):
            for x, y, label in self.train:
                error = label - 1 / (1 + math.exp(-(a * x + b * y + bias)))
                a, b, bias = a + self.rate * error * x, b + self.rate * error * y, bias + self.rate * error
        self.weights = [round(a, 3), round(b, 3), round(bias, 3)]
        hits = sum((a * x + b * y + bias > 0) == bool(label) for x, y, label in self.test)
        self.score = hits / len(self.test)
        self.next(self.choose)

    @step
    def choose(self, inputs):
        best = max(inputs, key=lambda branch: branch.score)
        self.score = best.score
        self.best = {"rate": best.rate, "weights": best.weights}
        self.next(self.end)

    @step
    def end(self):
        print(f"Best score {self.score:.2f} with {self.best}")


if __name__ == "__main__":
    TrainFlow()
