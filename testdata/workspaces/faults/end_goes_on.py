from metaflow import FlowSpec, parallel, step


class Below(FlowSpec):
    @step
    def start(self):
        self.next(self.work)

    @step
    def end(self):
        self.next(self.start)
