from metaflow import FlowSpec, retry, step


class CommentedOut(FlowSpec):
    @step
    def start(self):
        self.next(self.prepare)

    @step
    def prepare(self):
        self.n = 8
        self.next(
            self.train,
            num_parallel=self.n,
        )

    # @parallel
    @retry(times=1)
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
    CommentedOut()
