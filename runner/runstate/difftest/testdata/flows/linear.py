import datetime
import decimal
import pathlib

from metaflow import Config, FlowSpec, Parameter, card, step


class Linear(FlowSpec):
    config = Config("config", default_value='{"depth": 3, "name": "oak"}')
    alpha = Parameter("alpha", default=0.1)
    label = Parameter("label", default="plain")

    @step
    def start(self):
        self.count = 3
        self.large = 10**30
        self.ratio = -1.5
        self.nothing = None
        self.flag = False
        self.text = "it's"
        self.next(self.middle)

    @card
    @step
    def middle(self):
        self.table = {"x": [1, 2.5, None], "y": (True,)}
        self.when = datetime.datetime(2026, 1, 2, 3, 4)
        self.price = decimal.Decimal("1.50")
        self.where = pathlib.PurePosixPath("a/b")
        self.count = self.count + self.config.depth
        self.next(self.end)

    @step
    def end(self):
        self.text = self.text + "!"


if __name__ == "__main__":
    Linear()
