"""Local-only kaggle style flow; sklearn optional, everything in `with` and helper closures."""
import math, random, json, sys, os, time, warnings
import typing as T
from contextlib import ExitStack, redirect_stdout, nullcontext
from io import StringIO
from metaflow import FlowSpec, Parameter, step, current, catch, retry, S3, get_namespace, metadata, Task, Step
try:
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier
    HAVE_SK = True
except ImportError:
    np = None; HAVE_SK = False
warnings.filterwarnings("ignore")
SEED: T.Final[int] = 42
FEATURES = ["Pclass", "Sex", "Age"]
def seed_everything(seed=SEED):
    random.seed(seed)
def make_xy(df: "list[dict]", target: str = "Survived") -> T.Tuple[list, list]:
    X = [[r[c] for c in FEATURES] for r in df]
    return X, [r[target] for r in df]
class Baseline:
    def __init__(self, **params): self.params = params; self.mean_ = None
    def fit(self, X, y): self.mean_ = sum(y) / len(y); return self
    def predict_proba(self, X): return [self.mean_] * len(X)
class TitanicFlow(FlowSpec):
    """Predict survivors.

    Args: none
    """
    n_rows = Parameter("n-rows", default=20, help="rows")
    n_folds = Parameter("folds", default=3)
    models = Parameter("models", default="base,rf")
    @step
    def start(self):
        """Load."""
        seed_everything()
        self.df = [dict(Pclass=random.randint(1, 3), Sex=random.randint(0, 1), Age=random.random() * 80, Survived=random.randint(0, 1)) for _ in range(self.n_rows)]
        with ExitStack() as stack:
            buf = stack.enter_context(StringIO())
            stack.enter_context(redirect_stdout(buf))
            print("captured")
            self.captured = buf.getvalue()
        if HAVE_SK:
            self.estimators = {"rf": RandomForestClassifier()}
        else:
            self.estimators = {}
        self.features, self.target = FEATURES[:], "Survived"
        self.folds = [(i, [j for j in range(self.n_rows) if j % self.n_folds != i], [j for j in range(self.n_rows) if j % self.n_folds == i]) for i in range(self.n_folds)]
        self.candidates = [m for m in self.models.split(",") if m != "rf" or HAVE_SK or True]
        self.next(self.tune, foreach="candidates")
    @catch(var="tune_error")
    @retry(times=1, minutes_between_retries=0)
    @step
    def tune(self):
        self.name_ = self.input
        if self.name_ == "rf" and not HAVE_SK:
            raise ImportError("no sklearn")
        X, y = make_xy(self.df)
        scores = []
        for i, tr, va in self.folds:
            m = Baseline(seed=SEED).fit([X[j] for j in tr], [y[j] for j in tr])
            p = m.predict_proba([X[j] for j in va])
            scores.append(sum((a - y[j]) ** 2 for a, j in zip(p, va)) / max(1, len(va)))
        self.cv = sum(scores) / len(scores)
        self.model = m
        self.next(self.select)
    @step
    def select(self, inputs):
        self.results = []
        for inp in inputs:
            if inp.tune_error:
                print("failed", inp.tune_error)
                continue
            self.results.append({"cv": inp.cv, "n": inp.name_})
            self.model = inp.model
        good = [i for i in inputs if not getattr(i, "tune_error", None)]
        self.best_cv = min(good, key=lambda i: i.cv).cv if good else float("nan")
        self.df = inputs[0].df
        if good:
            self.best = min(good, key=lambda i: i.cv).model
            self.best_name, self.target = [(i.name_, i.target) for i in good][0]
        else:
            raise RuntimeError("all failed")
        self.next(self.predict)
    @step
    def predict(self):
        X, _ = make_xy(self.df)
        self.submission = [{"i": i, "p": p} for i, p in enumerate(self.best.predict_proba(X))]
        with open(os.devnull, "w") as out:
            json.dump(self.submission, out)
        del X
        self.next(self.end)
    @step
    def end(self):
        print(self.best_name, self.best_cv, len(self.submission), self.results, self.target)
        if not math.isnan(self.best_cv):
            print(self.model.params)
if __name__ == "__main__":
    TitanicFlow()
