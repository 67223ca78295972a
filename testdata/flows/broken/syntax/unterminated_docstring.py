from metaflow import FlowSpec, step


class OpenDoc(FlowSpec):
    @step
    def start(self):
        """Never closed
        self.next(self.end)

    @step
    def end(self):
        pass
