from metaflow import FlowSpec, step


class A(FlowSpec):
    @step
    def start(self):
        self.next(self.one)

    @step
    def end(self):
        pass
