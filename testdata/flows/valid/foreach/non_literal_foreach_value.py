# Any expression is accepted by the linter; only the name is lost.
from metaflow import FlowSpec, step

WHAT = "items"


class Dynamic(FlowSpec):
    @step
    def start(self):
        self.items = [1]
        self.next(self.work, foreach=WHAT)

    @step
    def work(self):
        self.more = [1]
        self.next(self.deep, foreach="mo" + "re")

    @step
    def deep(self):
        self.next(self.up)

    @step
    def up(self, inputs):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Dynamic()
