from metaflow import FlowSpec, step


class NoNewline(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass