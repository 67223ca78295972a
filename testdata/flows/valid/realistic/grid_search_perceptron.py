# Hyper-parameter search over a hand-written perceptron. No numpy on purpose: must run on a bare box.
import itertools, math, random, statistics
from typing import Dict, List, NamedTuple, Tuple

from metaflow import FlowSpec, Parameter, JSONType, step, catch, resources, current

try:
    import numpy as np
except ImportError:
    np = None

Point = Tuple[float, float]


class Sample(NamedTuple):
    x: Point
    y: int


class Perceptron:
    """Not a flow: `self` here is a model."""

    def __init__(self, lr: float, epochs: int, seed: int = 0):
        self.lr, self.epochs = lr, epochs
        self.w = [0.0, 0.0]
        self.b = 0.0
        self.input = None  # last input seen, for debugging
        self.index = -1
        self.rng = random.Random(seed)

    def predict(self, x: Point) -> int:
        self.input = x
        return 1 if sum(w * v for w, v in zip(self.w, x)) + self.b > 0 else 0

    def fit(self, data: List[Sample]) -> "Perceptron":
        for _ in range(self.epochs):
            self.rng.shuffle(data)
            for self.index, s in enumerate(data):
                err = s.y - self.predict(s.x)
                self.b += self.lr * err
                self.w = [w + self.lr * err * v for w, v in zip(self.w, s.x)]
        return self


def make_data(n: int, seed: int) -> List[Sample]:
    rng = random.Random(seed)
    pts = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(n)]
    return [Sample(p, int(p[0] + 2 * p[1] > 0.1)) for p in pts]


class GridSearchFlow(FlowSpec):
    grid = Parameter("grid", type=JSONType, default='{"lr": [0.01, 0.1], "epochs": [1, 5]}')
    seed = Parameter("seed", default=7)
    folds = 3

    @step
    def start(self):
        random.seed(self.seed)
        if np is not None:
            np.random.seed(self.seed)
        self.data = make_data(120, self.seed)
        keys = sorted(self.grid)
        self.combos = [dict(zip(keys, values)) for values in itertools.product(*(self.grid[k] for k in keys))]
        # one deliberately broken combination, to see that @catch keeps the search alive
        self.combos.append({"lr": None, "epochs": 1})
        self.next(self.train, foreach="combos")

    @resources(cpu=1, memory=512)
    @catch(var="failure", print_exception=False)
    @step
    def train(self):
        params: Dict = self.input
        self.params = params
        size = len(self.data) // self.folds
        scores = []
        for k in range(self.folds):
            held_out = self.data[k * size : (k + 1) * size]
            rest = [s for s in self.data if s not in held_out]
            model = Perceptron(**params).fit(rest)
            scores.append(statistics.mean(model.predict(s.x) == s.y for s in held_out))
        self.score = statistics.mean(scores)
        self.spread = statistics.pstdev(scores)
        print(f"[{self.index}] {params} -> {self.score:.3f} ± {self.spread:.3f}")
        self.next(self.pick)

    @step
    def pick(self, inputs):
        survivors = [i for i in inputs if not i.failure]
        self.failed = [str(i.failure) for i in inputs if i.failure]
        best = max(survivors, key=lambda i: (i.score, -i.spread))
        self.best_params, self.best_score = best.params, best.score
        self.leaderboard = sorted(((i.score, i.params["lr"], i.params["epochs"]) for i in survivors), reverse=True)
        self.merge_artifacts(inputs, include=["data"])
        self.next(self.refit)

    @step
    def refit(self):
        model = Perceptron(**self.best_params).fit(list(self.data))
        self.weights = {"w": model.w, "b": model.b}
        self.norm = math.hypot(*model.w)
        self.next(self.end)

    @step
    def end(self):
        print(current.flow_name, "best", self.best_params, round(self.best_score, 3), self.weights, "|w| =", self.norm)
        for row in self.leaderboard:
            print(*row, sep="\t")
        print(len(self.failed), "failed")


if __name__ == "__main__":
    GridSearchFlow()
