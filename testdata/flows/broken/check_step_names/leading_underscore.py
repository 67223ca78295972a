from metaflow import FlowSpec, step


class Private(FlowSpec):
    @step
    def start(self):
        self.next(self._hidden)

    @step
    def _hidden(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Private()
