from metaflow import FlowSpec, parallel, step


class Below(FlowSpec):
    @parallel
    @step
    def work(self):
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
