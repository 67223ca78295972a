from metaflow import FlowSpec, step


class HalfTyped(FlowSpec
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
