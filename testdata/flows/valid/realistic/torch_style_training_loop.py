"""A training loop written for torch, with a toy fallback so that CI can run it without a GPU."""

from __future__ import annotations

import contextlib
import copy
import gc
import math
import os
import pickle
import random
import typing as t

from metaflow import FlowSpec, JSONType, Parameter, card, current, resources, retry, step
from metaflow.cards import Markdown

try:
    import torch
    from torch import nn

    HAS_TORCH = True
except Exception:  # broken CUDA drivers raise all sorts of things
    torch = nn = None
    HAS_TORCH = False

if t.TYPE_CHECKING:
    from collections.abc import Iterator


class ToyOptimizer:
    def __init__(self, params: dict[str, float], lr: float):
        self.params, self.lr = params, lr

    def zero_grad(self):
        self.grads = dict.fromkeys(self.params, 0.0)

    def step(self):  # an optimizer has a step of its own
        for k, g in self.grads.items():
            self.params[k] -= self.lr * g


class Loader:
    def __init__(self, data, batch_size, shuffle=True):
        self.data, self.batch_size, self.shuffle = data, batch_size, shuffle

    def __iter__(self) -> Iterator[list]:
        data = list(self.data)
        if self.shuffle:
            random.shuffle(data)
        for i in range(0, len(data), self.batch_size):
            yield data[i : i + self.batch_size]

    def __len__(self):
        return math.ceil(len(self.data) / self.batch_size)


@contextlib.contextmanager
def no_grad():
    with torch.no_grad() if HAS_TORCH else contextlib.nullcontext():
        yield


class TrainLoopFlow(FlowSpec):
    hparams = Parameter("hparams", type=JSONType, default={"lr": 0.05, "epochs": 4, "batch_size": 8, "patience": 2})
    resume_from = Parameter("resume-from", default="", help="checkpoint file")

    @property
    def device(self) -> str:
        return "cuda" if HAS_TORCH and torch.cuda.is_available() else "cpu"

    def checkpoint(self, epoch: int, params: dict) -> None:
        self.ckpt = pickle.dumps({"epoch": epoch, "params": params})
        self.ckpt_epoch = epoch

    @step
    def start(self):
        random.seed(0)
        xs = [random.uniform(-2, 2) for _ in range(64)]
        self.train_set = [(x, 0.5 * x * x - x + 0.25) for x in xs[:48]]
        self.valid_set = [(x, 0.5 * x * x - x + 0.25) for x in xs[48:]]
        self.params0 = {"a": 0.0, "b": 0.0, "c": 0.0}
        if self.resume_from and os.path.exists(self.resume_from):
            with open(self.resume_from, "rb") as f:
                self.params0 = pickle.load(f)["params"]
        self.next(self.train)

    @card(type="blank")
    @resources(cpu=4, memory=16_000)
    @retry(times=3, minutes_between_retries=0)
    @step
    def train(self):
        print("device:", self.device, "attempt", current.retry_count)
        params = copy.deepcopy(self.params0)
        optimizer = ToyOptimizer(params, lr=self.hparams["lr"])
        loader = Loader(self.train_set, self.hparams["batch_size"])
        best, bad_epochs = math.inf, 0
        self.history: list[dict[str, float]] = []
        for epoch in range(self.hparams["epochs"]):
            running = 0.0
            for batch in loader:
                optimizer.zero_grad()
                for x, y in batch:
                    e = params["a"] * x * x + params["b"] * x + params["c"] - y
                    running += e * e
                    for k, d in (("a", x * x), ("b", x), ("c", 1.0)):
                        optimizer.grads[k] += 2 * e * d / len(batch)
                optimizer.step()
            with no_grad():
                valid = sum((params["a"] * x * x + params["b"] * x + params["c"] - y) ** 2 for x, y in self.valid_set) / len(self.valid_set)
            self.history.append({"epoch": epoch, "train": running / len(self.train_set), "valid": valid})
            if (improved := valid < best - 1e-6):
                best = valid
                self.best_epoch = epoch
                self.checkpoint(epoch, params)
            bad_epochs = 0 if improved else bad_epochs + 1
            if bad_epochs > self.hparams["patience"]:
                break
        current.card.append(Markdown(f"best epoch **{self.best_epoch}**, loss {best:.4f}"))
        self.best = best
        if HAS_TORCH:
            torch.cuda.empty_cache()
        gc.collect()
        self.next(self.end)

    @step
    def end(self):
        state = pickle.loads(self.ckpt)
        assert state["epoch"] == self.best_epoch == self.ckpt_epoch
        *_, last = self.history
        print({k: round(v, 3) for k, v in state["params"].items()}, "last", round(last["valid"], 4), "best", round(self.best, 4))


if __name__ == "__main__":
    TrainLoopFlow()
