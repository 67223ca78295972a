from metaflow import FlowSpec, step


class NoValue(FlowSpec):
    @step
    def start(self):
        self.x =
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NoValue()
