"""
A house framework in one file: an abstract base flow that owns the steps, concrete flows that fill in hooks.
Only the concrete flow at the bottom is run.
"""
import abc
import logging
import time
from typing import Any, ClassVar, Dict, List, Optional

from metaflow import FlowSpec, Parameter, current, step

log = logging.getLogger(__name__)


class Metrics:
    """Mixin: helper methods that set artifacts."""

    def _reset_metrics(self):
        self.metrics = {}
        self.metric_history: List[Dict[str, float]] = []

    def log_metric(self, **values: float) -> None:
        self.metrics.update(values)
        self.metric_history.append(values)

    @property
    def last_metric(self):
        return self.metric_history[-1] if self.metric_history else None


class Timed:
    def _tick(self):
        self._t0 = time.perf_counter()

    def _tock(self, what):
        elapsed = time.perf_counter() - self._t0
        try:
            self.timings[what] = elapsed
        except AttributeError:
            self.timings = {what: elapsed}


class BaseTrainingFlow(Metrics, Timed, FlowSpec):
    epochs = Parameter("epochs", default=3)
    FRAMEWORK: ClassVar[str] = "none"
    early_stop: Optional[float] = None

    # --- hooks -------------------------------------------------------------
    def load(self) -> Any:
        raise NotImplementedError

    def build_model(self, data) -> Dict[str, float]:
        raise NotImplementedError

    @abc.abstractmethod
    def train_epoch(self, model, data, epoch) -> float: ...

    def on_end(self):
        """Optional."""

    # --- steps -------------------------------------------------------------
    @step
    def start(self):
        self._reset_metrics()
        self._tick()
        self.dataset = self.load()
        self._tock("load")
        self.next(self.train)

    @step
    def train(self):
        self._tick()
        model = self.build_model(self.dataset)
        for epoch in range(self.epochs):
            loss = self.train_epoch(model, self.dataset, epoch)
            self.log_metric(loss=loss, epoch=epoch)
            if self.early_stop is not None and loss < self.early_stop:
                self.stopped_at = epoch
                break
        else:
            self.stopped_at = None
        self.model = model
        self._tock("train")
        self.next(self.evaluate)

    @step
    def evaluate(self):
        self.log_metric(final=self.last_metric["loss"])
        self.next(self.end)

    @step
    def end(self):
        self.on_end()
        log.info("done %s", current.pathspec)
        print(self.FRAMEWORK, self.metrics, "stopped at", self.stopped_at, sorted(self.timings))


class LinearRegressionFlow(BaseTrainingFlow):
    """y = 2x + 1 by gradient descent."""

    FRAMEWORK = "by hand"
    early_stop = 1e-3
    lr = Parameter("lr", default=0.1)

    def load(self):
        self.n_rows = 20
        return [(x / 10, 2 * x / 10 + 1) for x in range(self.n_rows)]

    def build_model(self, data):
        return {"a": 0.0, "b": 0.0}

    def train_epoch(self, model, data, epoch):
        for _ in range(100):
            ga = sum(2 * (model["a"] * x + model["b"] - y) * x for x, y in data) / len(data)
            gb = sum(2 * (model["a"] * x + model["b"] - y) for x, y in data) / len(data)
            model["a"] -= self.lr * ga
            model["b"] -= self.lr * gb
        return sum((model["a"] * x + model["b"] - y) ** 2 for x, y in data) / len(data)

    def on_end(self):
        print("rows:", self.n_rows, "model:", {k: round(v, 2) for k, v in self.model.items()})

    # the base has no report; this one goes between
    @step
    def evaluate(self):
        self.residuals = [round(self.model["a"] * x + self.model["b"] - y, 3) for x, y in self.dataset]
        self.log_metric(worst=max(map(abs, self.residuals)))
        self.next(self.report)

    @step
    def report(self):
        self.text = "\n".join(f"{k:>10}: {v}" for k, v in self.metrics.items())
        print(self.text)
        self.next(self.end)


if __name__ == "__main__":
    LinearRegressionFlow()
