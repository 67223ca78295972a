# k-means as a recursive switch; the state lives in artifacts, one task for each iteration
import collections, heapq, math, random
from typing import List, Sequence, Tuple
from metaflow import FlowSpec, Parameter, step, card, current

Point = Tuple[float, ...]
Cluster = collections.namedtuple("Cluster", "center members", defaults=((),))


def dist2(p: Sequence[float], q: Sequence[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(p, q))


def centroid(points: List[Point]) -> Point:
    return tuple(math.fsum(c) / len(points) for c in zip(*points))


class KMeansFlow(FlowSpec):
    k = Parameter("k", default=3)
    tolerance = Parameter("tolerance", default=1e-4, type=float)
    max_iterations = Parameter("max-iterations", default=6)

    def assign(self):
        """Sets self.clusters; called from two steps."""
        buckets = {c: [] for c in self.centers}
        for p in self.points:
            buckets[min(self.centers, key=lambda c: dist2(c, p))].append(p)
        self.clusters = [Cluster(c, tuple(m)) for c, m in buckets.items() if m]
        self.inertia = math.fsum(dist2(c.center, p) for c in self.clusters for p in c.members)

    def finished(self) -> bool:
        if self.iteration >= self.max_iterations:
            self.stop_reason = "iterations"
            return True
        if self.shift < self.tolerance:
            self.stop_reason = "converged"
            return True
        return False

    @step
    def start(self):
        rng = random.Random(4)
        self.points: List[Point] = [(rng.gauss(cx, 0.3), rng.gauss(cy, 0.3)) for cx, cy in ((0, 0), (3, 3), (0, 4)) for _ in range(15)]
        self.centers = rng.sample(self.points, self.k)
        self.iteration, self.shift = 0, math.inf
        self.trace = []
        self.assign()
        self.next(self.iterate)

    @step
    def iterate(self):
        self.iteration += 1
        old, self.centers = self.centers, [centroid(list(c.members)) for c in self.clusters]
        self.shift = max(min(dist2(a, b) for b in old) for a in self.centers)
        self.assign()
        self.trace.append(self.inertia)
        self.decision = "stop" if self.finished() else "go"
        self.next({"go": self.iterate, "stop": self.describe}, condition="decision")

    @card
    @step
    def describe(self):
        self.largest = heapq.nlargest(1, self.clusters, key=lambda c: len(c.members))[0]
        self.sizes = sorted((len(c.members) for c in self.clusters), reverse=True)
        current.card.append(__import__("metaflow.cards").cards.Markdown("sizes: %s" % self.sizes))
        self.next(self.end)

    @step
    def end(self):
        print(f"{self.stop_reason} after {self.iteration}: sizes {self.sizes}, center {tuple(round(x, 1) for x in self.largest.center)}")
        print(["%.2f" % i for i in self.trace])


if __name__ == "__main__":
    KMeansFlow()
