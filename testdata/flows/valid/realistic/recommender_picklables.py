"""Recommender. Keeps odd but picklable things as artifacts: classes, partials, patterns, paths, buffers, exceptions, iterators."""
import array
import collections
import datetime
import decimal
import fractions
import functools
import io
import itertools
import logging
import math
import operator
import pathlib
import random
import re
import types
import uuid

from metaflow import FlowSpec, Parameter, step

log = logging.getLogger(__name__)
Rating = collections.namedtuple("Rating", ["user", "item", "stars"])


class Popularity:
    def __init__(self):
        self.counts = collections.Counter()

    def fit(self, ratings):
        self.counts.update(r.item for r in ratings)
        return self

    def __call__(self, user, k):
        return [i for i, _ in self.counts.most_common(k)]


class Neighbours(Popularity):
    def fit(self, ratings):
        self.by_user = collections.defaultdict(dict)
        for r in ratings:
            self.by_user[r.user][r.item] = r.stars
        return super().fit(ratings)

    def __call__(self, user, k):
        mine = self.by_user[user]
        scores = collections.Counter()
        for other, theirs in self.by_user.items():
            overlap = len(mine.keys() & theirs.keys())
            for item in theirs.keys() - mine.keys():
                scores[item] += overlap * theirs[item]
        return [i for i, _ in scores.most_common(k)]


def discount(base, rank):
    return 1 / math.log(rank + base)


class RecommenderFlow(FlowSpec):
    k = Parameter("k", default=3)

    @step
    def start(self):
        self.rng = random.Random(5)
        self.ratings = [Rating(u, i, self.rng.randint(1, 5)) for u in range(8) for i in self.rng.sample(range(12), 5)]
        self.discount = functools.partial(discount, 2)
        self.pattern = re.compile(r"user-(\d+)")
        self.root = pathlib.Path("models") / "v1"
        self.created = datetime.datetime.now()
        self.half = fractions.Fraction(1, 2)
        self.price = decimal.Decimal("9.99")
        self.id = uuid.uuid4()
        self.ids = itertools.count(100)
        self.todo = iter([1, 2, 3])
        self.buffer = io.BytesIO(b"abc")
        self.text = io.StringIO("text")
        self.logger = log
        self.key = operator.itemgetter("a")
        self.size = len
        self.weights = array.array("d", [1.0, 2.0])
        self.ns = types.SimpleNamespace(a=1)
        self.nothing = NotImplemented
        self.order = collections.OrderedDict(a=1)
        self.groups = collections.defaultdict(list, {"x": [1]})
        try:
            {}["k"]
        except KeyError as e:
            self.problem = e
        self.candidates = [Popularity, Neighbours]
        self.next(self.fit, foreach="candidates")

    @step
    def fit(self):
        self.model_class = self.input
        known, held_out = [], []
        for n, r in enumerate(self.ratings):
            (held_out if n % 5 == 4 else known).append(r)
        self.model = self.model_class().fit(known)
        gains = []
        for user, liked in itertools.groupby(held_out, key=operator.attrgetter("user")):
            liked = {r.item for r in liked}
            gains.append(sum(self.discount(rank) for rank, item in enumerate(self.model(user, self.k)) if item in liked))
        self.ndcg = sum(gains) / len(gains)
        self.next(self.choose)

    @step
    def choose(self, inputs):
        self.ndcgs = {i.model_class.__name__: i.ndcg for i in inputs}
        best = max(inputs, key=operator.attrgetter("ndcg"))
        self.model, self.model_class = best.model, best.model_class
        self.merge_artifacts(inputs, exclude=["ndcg", "ratings", "rng"])
        self.next(self.end)

    @step
    def end(self):
        assert isinstance(self.model, self.model_class)
        print(self.ndcgs, self.model(3, self.k), self.pattern.match("user-3").group(1), self.root / "x", next(self.ids), list(self.todo))
        print(self.buffer.read(), self.text.read(), self.key({"a": 7}), self.size("abc"), self.weights[1], self.ns.a, repr(self.problem), self.half, self.price)
        self.logger.info("%s %s %s %s", self.id, self.created, self.order, self.groups["y"])


if __name__ == "__main__":
    RecommenderFlow()
