"""Scores a catalogue in shards: nested foreach (tenants x shards), one JSON-lines file for each shard."""
from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any, Iterable, Iterator, Optional

from metaflow import FlowSpec, IncludeFile, JSONType, Parameter, current, retry, step


@dataclass
class Item:
    id: str
    title: str
    score: Optional[float] = None
    tags: list[str] = field(default_factory=list)

    def scored(self, value: float) -> "Item":
        self.score = round(value, 4)
        return self


@dataclass(frozen=True)
class Shard:
    tenant: str
    number: int
    ids: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.tenant}-{self.number:03d}"


def chunked(xs: Iterable[Any], size: int) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for x in xs:
        chunk.append(x)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class ModelStub:
    version = "2024.1"

    def predict(self, title: str) -> float:
        return int.from_bytes(blake2b(title.encode(), digest_size=2).digest(), "big") / 65535


class BatchInferenceFlow(FlowSpec):
    tenants = Parameter("tenants", default="acme,globex", separator=",", help="comma separated")
    shard_size = Parameter("shard-size", default=3, type=int)
    weights = Parameter("weights", type=JSONType, default={"title": 1.0})
    manifest = IncludeFile("manifest", default=__file__, is_text=True, help="what was deployed")

    model_version: str  # set in start; only declared here
    OUTPUT_SUFFIX = ".jsonl"

    @step
    def start(self):
        self.model_version = ModelStub.version
        self.manifest_lines = len(self.manifest.splitlines())
        self.next(self.plan, foreach="tenants")

    @step
    def plan(self):
        self.tenant: str = self.input
        ids = [f"{self.tenant}:{n}" for n in range(7)]
        self.shards = [Shard(self.tenant, n, tuple(c)) for n, c in enumerate(chunked(ids, self.shard_size))]
        self.next(self.score, foreach="shards")

    @retry(times=1)
    @step
    def score(self):
        self.shard = self.input
        model = ModelStub()
        w = self.weights.get("title", 1.0)
        self.items = [Item(i, f"item {i}", tags=["hot"] if i.endswith("0") else []).scored(w * model.predict(i)) for i in self.shard.ids]
        path = os.path.join(current.tempdir or ".", self.shard.name + self.OUTPUT_SUFFIX)
        with open(path, "w", encoding="utf-8") as out:
            for item in self.items:
                out.write(json.dumps(asdict(item)) + "\n")
        with open(path, encoding="utf-8") as back:
            self.lines = sum(1 for _ in back)
        os.remove(path)
        (outer, _, tenant), (inner, of, _) = self.foreach_stack()
        print("tenant %s (#%d), shard %d of %d" % (tenant, outer, inner + 1, of))
        self.next(self.collect_shards)

    @step
    def collect_shards(self, inputs):
        self.items = [item for i in inputs for item in i.items]
        self.lines = sum(i.lines for i in inputs)
        # everything else that the shards of a tenant agree on
        self.merge_artifacts(inputs, exclude=["shard"])
        assert len(self.items) == self.lines, (len(self.items), self.lines)
        self.next(self.collect_tenants)

    @step
    def collect_tenants(self, inputs):
        self.by_tenant = {i.tenant: i.items for i in inputs}
        self.model_version = inputs[0].model_version
        self.total = sum(map(len, self.by_tenant.values()))
        self.next(self.end)

    @step
    def end(self):
        top = sorted((it for its in self.by_tenant.values() for it in its), key=lambda it: it.score or 0, reverse=True)[:3]
        print(f"{self.total} items scored by {self.model_version}; top:", *(f"{t.id}={t.score}" for t in top))


if __name__ == "__main__":
    BatchInferenceFlow()
