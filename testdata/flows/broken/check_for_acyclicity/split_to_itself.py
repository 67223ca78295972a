from metaflow import FlowSpec, step


class SplitSelf(FlowSpec):
    @step
    def start(self):
        self.next(self.fork)

    @step
    def fork(self):
        self.next(self.fork, self.other)

    @step
    def other(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SplitSelf()
