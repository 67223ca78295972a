# start and end come from a class of the file shared_base.py.
from metaflow import FlowSpec, step

from shared_base import SharedMixin


class Derived(SharedMixin, FlowSpec):
    @step
    def work(self):
        self.next(self.end)


if __name__ == "__main__":
    Derived()
