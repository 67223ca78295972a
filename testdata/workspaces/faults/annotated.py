from metaflow import FlowSpec, parallel, step


class Below(FlowSpec):
    @step(start=True)
    def begin(self):
        self.next(self.work)

    @step(end=True)
    def finish(self):
        pass
