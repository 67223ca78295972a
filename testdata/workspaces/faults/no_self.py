from metaflow import FlowSpec, parallel, step


class Below(FlowSpec):
    @step
    def start():
        pass

    @step
    def end(self):
        pass
