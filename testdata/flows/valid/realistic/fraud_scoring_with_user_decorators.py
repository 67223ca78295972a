"""Step decorators of our own: they time steps, inject settings and guard artifacts."""
import functools
import os
import time
import traceback

from metaflow import FlowMutator, FlowSpec, Parameter, StepMutator, UserStepDecorator, current, step, user_step_decorator


@user_step_decorator
def timing(step_name, flow, inputs, attributes=None):
    begin = time.time()
    flow.started_at = begin  # the steps read it
    yield
    taken = time.time() - begin
    flow.timings = {**getattr(flow, "timings", {}), step_name: taken}


@user_step_decorator
def with_settings(step_name, flow, inputs, attributes):
    for key, value in (attributes or {}).items():
        setattr(flow, key, value)
    try:
        yield
    except Exception:
        traceback.print_exc()
        raise


class requires(UserStepDecorator):
    """@requires(names=["a"]): fails early when an artifact is missing."""

    def init(self, *args, **kwargs):
        self._names = kwargs.get("names", [])

    def pre_step(self, step_name, flow, inputs=None):
        missing = [n for n in self._names if not hasattr(flow, n)]
        if missing:
            raise RuntimeError("missing: %s" % ", ".join(missing))


class retry_everything(StepMutator):
    def mutate(self, mutable_step):
        mutable_step.add_decorator("retry", deco_kwargs={"times": 1, "minutes_between_retries": 0})


class standard_parameters(FlowMutator):
    """Adds what all of our flows take."""

    def pre_mutate(self, mutable_flow):
        mutable_flow.add_parameter("tenant", Parameter("tenant", default="acme"))


def logged(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        print("->", f.__name__)
        return f(*args, **kwargs)

    return wrapper


@standard_parameters
class FraudScoringFlow(FlowSpec):
    limit = Parameter("limit", default=100.0)

    @timing
    @step
    def start(self):
        print("tenant", self.tenant, "since", self.started_at)
        self.transactions = [{"id": i, "amount": 17.0 * i, "country": "DE" if i % 3 else "XX"} for i in range(12)]
        self.next(self.rules, self.statistics)

    @with_settings(blocked=("XX",), weight=0.7)
    @step
    def rules(self):
        # `blocked` and `weight` come from the decorator
        self.rule_scores = {t["id"]: self.weight * (t["country"] in self.blocked) for t in self.transactions}
        self.next(self.combine)

    @retry_everything
    @requires(names=["transactions"])
    @step
    def statistics(self):
        if current.retry_count == 0 and os.environ.get("FLAKY"):
            raise RuntimeError("flaky")
        self.outlier_scores = self.outliers()
        self.next(self.combine)

    @logged
    def outliers(self):
        mean = sum(t["amount"] for t in self.transactions) / len(self.transactions)
        return {t["id"]: min(1.0, abs(t["amount"] - mean) / self.limit) for t in self.transactions}

    @timing
    @step
    def combine(self, inputs):
        self.timings = inputs.rules.timings
        a, b = inputs.rules.rule_scores, inputs.statistics.outlier_scores
        self.scores = {k: max(a[k], b[k]) for k in a.keys() & b.keys()}
        self.suspicious = sorted(k for k, v in self.scores.items() if v > 0.8)
        self.next(self.end)

    @timing
    @step
    def end(self):
        print(self.suspicious, "of", len(self.scores))
        print({k: round(v, 3) for k, v in self.timings.items()})


if __name__ == "__main__":
    FraudScoringFlow()
