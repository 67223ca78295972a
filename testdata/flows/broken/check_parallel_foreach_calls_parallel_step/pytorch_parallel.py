import metaflow as mf


class PlainTorch(mf.FlowSpec):
    @mf.step
    def start(self):
        self.shards = [0, 1]
        self.next(self.fit, foreach="shards")

    @mf.pytorch_parallel
    @mf.step
    def fit(self):
        self.next(self.join)

    @mf.step
    def join(self, inputs):
        self.next(self.end)

    @mf.step
    def end(self):
        pass


if __name__ == "__main__":
    PlainTorch()
