"""A fourth evaluation was added that goes straight on instead of into the join."""

from metaflow import FlowSpec, card, resources, step


class Evaluation(FlowSpec):
    @step
    def start(self):
        self.model = {"w": 1}
        self.next(self.accuracy, self.fairness, self.latency, self.robustness)

    @step
    def accuracy(self):
        self.score = 0.9
        self.next(self.compare)

    @step
    def fairness(self):
        self.score = 0.8
        self.next(self.compare)

    @resources(cpu=4)
    @step
    def latency(self):
        self.score = 0.7
        self.next(self.compare)

    @resources(gpu=1)
    @step
    def robustness(self):
        self.score = 0.6
        self.next(self.publish)

    @step
    def compare(self, inputs):
        self.scores = [i.score for i in inputs]
        self.next(self.publish)

    @card
    @step
    def publish(self):
        self.next(self.end)

    @step
    def end(self):
        print(self.scores)


if __name__ == "__main__":
    Evaluation()
