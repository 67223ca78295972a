from metaflow import FlowSpec, parallel, step


class Below(FlowSpec):
    @step
    def start(self, a, b):
        self.next(self.work)

    @step
    def end(self):
        pass
