import datetime
import decimal
import pathlib

from metaflow import FlowSpec, Parameter, catch, current, retry, step


class Thing:
    pass


class Many(FlowSpec):
    alpha = Parameter("alpha", default=0.1)

    @step
    def start(self):
        self.items = ["a", "b", "c"]
        self.score = 0.93
        self.text = "it's"
        self.table = {"x": [1, 2.5, None], "y": (True,)}
        self.when = datetime.datetime(2026, 1, 2, 3, 4)
        self.price = decimal.Decimal("1.50")
        self.where = pathlib.PurePosixPath("a/b")
        self.long = list(range(1000))
        self.thing = Thing()
        self.next(self.work, foreach="items")

    @retry(times=1, minutes_between_retries=0)
    @step
    def work(self):
        if self.input == "b" and current.retry_count == 0:
            raise ValueError("first try")
        self.length = len(self.input) * 2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.length for i in inputs)
        self.merge_artifacts(inputs, include=["score"])
        self.next(self.choose)

    @step
    def choose(self):
        self.route = "left"
        self.next({"left": self.left, "right": self.right}, condition="route")

    @catch(var="problem", print_exception=False)
    @step
    def left(self):
        self.partial = 1
        raise KeyError("caught")
        self.next(self.end)

    @step
    def right(self):
        self.next(self.end)

    @step
    def end(self):
        self.score = self.score + 0.0


if __name__ == "__main__":
    Many()
