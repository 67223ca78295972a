from metaflow import FlowSpec, step


class MixedStyles(FlowSpec):
    @step(start=True)
    def ingest(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    MixedStyles()
