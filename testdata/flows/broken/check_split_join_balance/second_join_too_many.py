from metaflow import FlowSpec, step


class OneJoinTooMany(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next(self.work, foreach="xs")

    @step
    def work(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.join_again)

    @step
    def join_again(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    OneJoinTooMany()
