from metaflow import FlowSpec, parallel, step


class PlainForeach(FlowSpec):
    @step
    def start(self):
        self.xs = [1, 2]
        self.next(self.train, foreach="xs")

    @parallel
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
    PlainForeach()
