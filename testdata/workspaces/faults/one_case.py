from metaflow import FlowSpec, parallel, step


class Below(FlowSpec):
    @step
    def start(self):
        self.x = "a"
        self.next({"a": self.work}, condition="x")

    @step
    def end(self):
        pass
