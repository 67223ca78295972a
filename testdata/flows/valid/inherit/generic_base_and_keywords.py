from abc import ABC
from typing import Generic, TypeVar

from metaflow import FlowSpec, step

T = TypeVar("T")


class Tools(Generic[T]):
    def tool(self):
        return 1


class WithGeneric(Tools[int], FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    WithGeneric()
