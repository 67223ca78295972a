"""A foreach in a foreach and a split, to run steps of it alone."""

from metaflow import FlowSpec, Parameter, retry, step


class NestedFlow(FlowSpec):
    scale = Parameter("scale", default=10, type=int)

    @step
    def start(self):
        self.outer = [1, 2]
        self.next(self.left, self.right)

    @step
    def left(self):
        self.side = "left"
        self.next(self.both)

    @step
    def right(self):
        self.side = "right"
        self.next(self.both)

    @step
    def both(self, inputs):
        self.sides = sorted(i.side for i in inputs)
        self.outer = inputs.left.outer
        self.next(self.split)

    @step
    def split(self):
        self.next(self.fan, foreach="outer")

    @step
    def fan(self):
        self.inner = ["a", "b", "c"]
        self.factor = self.input
        self.next(self.work, foreach="inner")

    @retry(times=1, minutes_between_retries=0)
    @step
    def work(self):
        self.made = "%s%d" % (self.input, self.factor * self.scale)
        self.next(self.after)

    @step
    def after(self):
        self.made += "!"
        self.next(self.inside)

    @step
    def inside(self, inputs):
        self.all = [i.made for i in inputs]
        self.next(self.outside)

    @step
    def outside(self, inputs):
        self.everything = [made for i in inputs for made in i.all]
        self.next(self.end)

    @step
    def end(self):
        print(self.everything)


if __name__ == "__main__":
    NestedFlow()
