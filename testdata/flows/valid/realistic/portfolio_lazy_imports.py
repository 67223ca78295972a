"""Optional packages are imported inside of the steps that use them, with fallbacks, as platform images differ."""
import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING

from metaflow import FlowSpec, Parameter, resources, step

if TYPE_CHECKING:
    import numpy
    import pandas as pd


def optional(name):
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


class PortfolioFlow(FlowSpec):
    """Mean-variance by hand when numpy is not there."""

    assets = Parameter("assets", separator=",", default="A,B,C")
    risk = Parameter("risk", default=1.0)

    def returns(self) -> "pd.DataFrame | dict":
        import random

        random.seed(0)
        return {a: [random.gauss(0.001 * (i + 1), 0.01) for _ in range(100)] for i, a in enumerate(self.assets)}

    @step
    def start(self):
        data = self.returns()
        try:
            import pandas as pd

            self.frame = pd.DataFrame(data)
            self.mu = self.frame.mean().tolist()
        except ImportError:
            from statistics import mean

            self.frame = None
            self.mu = [mean(v) for v in data.values()]
        self.data = data
        self.engines = ["numpy", "python"]
        self.next(self.covariance, foreach="engines")

    @resources(memory=4096)
    @step
    def covariance(self):
        self.engine = self.input
        self.available = True
        rows = list(self.data.values())
        if self.engine == "numpy":
            np = optional("numpy")
            if np is None:
                self.available = False
                self.sigma = None
            else:
                self.sigma = np.cov(np.array(rows)).tolist()
        else:
            def cov(x, y):
                mx, my = sum(x) / len(x), sum(y) / len(y)
                return sum((a - mx) * (b - my) for a, b in zip(x, y)) / (len(x) - 1)

            self.sigma = [[cov(x, y) for y in rows] for x in rows]
        self.next(self.pick)

    @step
    def pick(self, inputs):
        usable = [i for i in inputs if i.available]
        if not usable:
            raise RuntimeError("no engine")
        chosen = usable[0]
        self.engine, self.sigma = chosen.engine, chosen.sigma
        self.merge_artifacts(inputs, include=["mu", "data"])
        self.next(self.optimise)

    @step
    def optimise(self):
        try:
            from scipy.optimize import minimize
        except ImportError:
            minimize = None
        n = len(self.mu)
        if minimize:
            result = minimize(lambda w: -self.utility(w), [1 / n] * n, bounds=[(0, 1)] * n)
            self.weights = list(result.x)
        else:
            from itertools import product

            grid = [w for w in product(range(0, 11), repeat=n) if sum(w) == 10]
            self.weights = [x / 10 for x in max(grid, key=self.utility)]
        self.modules = sorted(m for m in ("numpy", "pandas", "scipy") if m in sys.modules)
        self.next(self.end)

    def utility(self, w):
        total = sum(w) or 1
        w = [x / total for x in w]
        mean = sum(a * b for a, b in zip(w, self.mu))
        var = sum(w[i] * w[j] * self.sigma[i][j] for i in range(len(w)) for j in range(len(w)))
        return mean - self.risk * var

    @step
    def end(self):
        print(self.engine, dict(zip(self.assets, self.weights)), self.modules)


if __name__ == "__main__":
    PortfolioFlow()
