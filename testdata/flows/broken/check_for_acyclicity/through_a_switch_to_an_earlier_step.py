from metaflow import FlowSpec, step


class RetryLoop(FlowSpec):
    @step
    def start(self):
        self.next(self.train)

    @step
    def train(self):
        self.next(self.evaluate)

    @step
    def evaluate(self):
        self.verdict = "again"
        self.next({"again": self.train, "good": self.end}, condition="verdict")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    RetryLoop()
