from metaflow import FlowSpec, step


class Half(FlowSpec):
    @step
    def start(self)
        self.next(self.end)
