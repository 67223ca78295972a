from metaflow import (
    FlowSpec,  # the base
    IncludeFile,
    JSONType,
    Parameter,
    step,
)


class ManyNames(FlowSpec):
    alpha = Parameter("alpha", default=0.1, help="learning rate")
    grid = Parameter("grid", type=JSONType, default='{"a": [1, 2]}')

    @step
    def start(self):
        self.combinations = self.grid["a"]
        self.next(self.fit, foreach="combinations")

    @step
    def fit(self):
        self.loss = self.alpha * self.input
        self.next(self.choose)

    @step
    def choose(self, inputs):
        self.loss = min(i.loss for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(self.loss)


if __name__ == "__main__":
    ManyNames()
