import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Iterator

from metaflow import FlowSpec, Parameter, conda_base, retry, step
from metaflow import JSONType


@dataclass
class Window:
    begin: dt.date
    end: dt.date
    rows: list = field(default_factory=list)

    def days(self) -> Iterator[dt.date]:
        day = self.begin
        while day < self.end:
            yield day
            day += dt.timedelta(days=1)


def windows(begin: dt.date, count: int, width: int):
    for i in range(count):
        yield Window(begin + dt.timedelta(days=i * width), begin + dt.timedelta(days=(i + 1) * width))


class BackfillFlow(FlowSpec):
    """Nested foreach: entities times windows, with two features per cell."""

    begin = Parameter("begin", default="2024-01-01")
    entities = Parameter("entities", type=JSONType, default='["user", "item"]')

    @step
    def start(self):
        self.start_date = dt.date.fromisoformat(self.begin)
        self.next(self.per_entity, foreach="entities")

    @step
    def per_entity(self):
        self.entity = self.input
        self.windows = list(windows(self.start_date, 3, 7))
        self.next(self.per_window, foreach="windows")

    @step
    def per_window(self):
        self.window = self.input
        self.next(self.counts, self.recency)

    @retry(times=3)
    @step
    def counts(self):
        self.count = sum(1 for _ in self.window.days())
        self.next(self.features)

    @retry(times=3)
    @step
    def recency(self):
        last = max(self.window.days())
        self.age = (self.window.end - last).days
        self.next(self.features)

    @step
    def features(self, inputs):
        self.row = {
            "count": inputs.counts.count,
            "age": inputs.recency.age,
        }
        self.merge_artifacts(inputs, exclude=["count", "age"])
        self.next(self.join_windows)

    @step
    def join_windows(self, inputs):
        self.table = [i.row for i in inputs]
        self.entity = inputs[0].entity
        self.next(self.join_entities)

    @step
    def join_entities(self, inputs):
        self.tables = {i.entity: i.table for i in inputs}
        self.total = len(list(itertools.chain.from_iterable(self.tables.values())))
        self.next(self.end)

    @step
    def end(self):
        assert self.total == 6, self.total


if __name__ == "__main__":
    BackfillFlow()
