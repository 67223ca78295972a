from metaflow import FlowSpec, parallel, step


class Below(FlowSpec):
    @step
    def start(self):
        self.next(self.work)

    @step
    def gather(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
