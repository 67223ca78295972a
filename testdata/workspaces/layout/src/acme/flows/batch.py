from metaflow import FlowSpec, step


class BatchFlow(FlowSpec):
    @step
    def start(self):
        self.shards = [1, 2]
        self.next(self.score, foreach="shards")

    @step
    def gather(self, inputs):
        self.scores = [i.score_of for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass
