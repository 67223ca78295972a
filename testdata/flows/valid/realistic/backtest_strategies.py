# Backtests strategies (classes registered by a decorator) over rolling windows.  foreach over a range.
import bisect
import datetime as dt
import itertools as it
import logging
import operator as op
import random
import warnings
from abc import ABC, abstractmethod
from functools import reduce
from metaflow import FlowSpec, JSONType, Parameter, current, retry, schedule, step, timeout

log = logging.getLogger("backtest")
warnings.simplefilter("ignore")
REGISTRY = {}


def register(cls):
    REGISTRY[cls.__name__] = cls
    return cls


class Strategy(ABC):
    name = None

    def __init__(self, **kw):
        self.kw = kw
        self.next = self.hold = 0

    @abstractmethod
    def signal(self, prices): ...

    def step(self, prices):
        self.next = self.signal(prices)
        return self.next


@register
class Momentum(Strategy):
    def signal(self, prices):
        n = self.kw.get("n", 3)
        return 1 if len(prices) > n and prices[-1] > prices[-n - 1] else 0


@register
class MeanReversion(Strategy):
    def signal(self, prices):
        return int(prices[-1] < sum(prices) / len(prices))


@schedule(daily=True)
class BacktestFlow(FlowSpec):
    strategies = Parameter("strategies", type=JSONType, default='[["Momentum", {"n": 2}], ["MeanReversion", {}]]', help="name and arguments")
    windows = Parameter("windows", default=3)
    window_size = Parameter("window-size", default=20)

    @step
    def start(self):
        rng = random.Random("prices")
        self.prices = list(it.accumulate((rng.gauss(0.05, 1) for _ in range(80)), initial=100.0))
        first = dt.date(2024, 1, 1)
        self.days = [first + dt.timedelta(n) for n in range(len(self.prices))]
        self.window_numbers = range(self.windows)
        self.next(self.window, foreach="window_numbers")

    @step
    def window(self):
        lo = self.input * self.window_size
        self.prices_here = self.prices[lo : lo + self.window_size]
        self.begin = self.days[lo]
        self.next(self.trade, foreach="strategies")

    @timeout(minutes=2)
    @retry(times=2)
    @step
    def trade(self):
        (name, kwargs) = self.input
        strategy = REGISTRY[name](**kwargs)
        cash, position = 100.0, 0.0
        curve = []
        for i in range(2, len(self.prices_here)):
            seen, price = self.prices_here[:i], self.prices_here[i]
            want = strategy.step(seen)
            if want and not position:
                position, cash = cash / price, 0.0
            elif not want and position:
                cash, position = position * price, 0.0
            curve.append(cash + position * price)
        self.strategy_name = name
        self.pnl = curve[-1] / 100 - 1
        self.drawdown = max(a - b for a, b in it.combinations_with_replacement(curve, 2))
        log.info("%s %s", current.step_name, self.foreach_stack())
        self.next(self.rank)

    @step
    def rank(self, inputs):
        ranking = sorted(inputs, key=op.attrgetter("pnl"), reverse=True)
        self.best_name = ranking[0].strategy_name
        self.pnls = {i.strategy_name: i.pnl for i in ranking}
        self.worst_drawdown = max(inputs, key=lambda i: i.drawdown).drawdown
        # the window's own artifacts are the same in all of its branches
        self.merge_artifacts(inputs, include=["begin", "days"])
        self.next(self.combine)

    @step
    def combine(self, inputs):
        self.wins = reduce(lambda acc, i: {**acc, i.best_name: acc.get(i.best_name, 0) + 1}, inputs, {})
        self.by_window = {i.begin.isoformat(): i.pnls for i in inputs}
        self.drawdown = max(i.worst_drawdown for i in inputs)
        self.days = inputs[0].days
        self.next(self.end)

    @step
    def end(self):
        self.covered = bisect.bisect(self.days, dt.date(2024, 2, 1))
        for begin, pnls in self.by_window.items():
            print(begin, *(f"{n}={p:+.2%}" for n, p in pnls.items()))
        print(self.wins, round(self.drawdown, 2), self.covered)


if __name__ == "__main__":
    BacktestFlow()
