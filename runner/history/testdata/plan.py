import os

from metaflow import FlowSpec, Parameter, catch, step


class Plan(FlowSpec):
    broken = Parameter("broken", default="")
    way = Parameter("way", default="left")

    @step
    def start(self):
        self.items = [1, 2, 3]
        self.next({"left": self.left, "right": self.right}, condition="way")

    @step
    def left(self):
        self.next(self.fan)

    @step
    def right(self):
        self.next(self.fan)

    @step
    def fan(self):
        self.next(self.work, foreach="items")

    @step
    def work(self):
        if self.broken == "item" and self.input == 2 and "MEND" not in os.environ:
            raise ValueError("item 2")
        self.out = self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.out for i in inputs)
        self.next(self.risky)

    @catch(var="why")
    @step
    def risky(self):
        if self.total:
            raise KeyError("caught")
        self.next(self.last)

    @step
    def last(self):
        if not self.broken and "MEND" not in os.environ:
            raise ValueError("last")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Plan()
