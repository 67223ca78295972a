"""Tries some models side by side and keeps the best one."""

from metaflow import FlowSpec, Parameter, current, resources, retry, step


class FanOutFlow(FlowSpec):
    models = Parameter("models", default=3, type=int)

    @step
    def start(self):
        self.rates = [0.1 * (n + 1) for n in range(self.models)]
        self.next(self.train, foreach="rates")

    @retry(times=1, minutes_between_retries=0)
    @resources(cpu=0.2, memory=128)
    @step
    def train(self):
        if self.index == 0 and current.retry_count == 0:
            raise RuntimeError("the first attempt at the first model always fails")
        self.rate = self.input
        self.score = 1 - (self.rate - 0.2) ** 2
        self.next(self.join)

    @step
    def join(self, inputs):
        best = max(inputs, key=lambda branch: branch.score)
        self.best_rate, self.best_score = best.rate, best.score
        self.scores = [branch.score for branch in inputs]
        self.next(self.end)

    @step
    def end(self):
        print("best rate %.1f, score %.2f" % (self.best_rate, self.best_score))


if __name__ == "__main__":
    FanOutFlow()
