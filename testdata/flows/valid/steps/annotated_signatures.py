from __future__ import annotations

from typing import Any

from metaflow import FlowSpec, step


class Typed(FlowSpec):
    @step
    def start(self: Typed) -> None:
        self.items: list[int] = [1, 2]
        self.next(self.double, foreach="items")

    @step
    def double(self) -> None:
        self.value: int = self.input * 2
        self.next(self.total)

    @step
    def total(self, inputs: Any) -> None:
        self.sum: int = sum(i.value for i in inputs)
        self.next(self.end)

    @step
    def end(self) -> None:
        print(self.sum)


if __name__ == "__main__":
    Typed()
