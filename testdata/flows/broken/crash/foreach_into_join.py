from metaflow import FlowSpec, step


class ForeachIntoJoin(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next(self.join, foreach="xs")

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachIntoJoin()
