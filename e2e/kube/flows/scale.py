from metaflow import FlowSpec, kubernetes, step


class ScaleFlow(FlowSpec):
    @step
    def start(self):
        self.tasks = list(range(10_000))
        self.next(self.train, foreach="tasks")

    @kubernetes
    @step
    def train(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ScaleFlow()
