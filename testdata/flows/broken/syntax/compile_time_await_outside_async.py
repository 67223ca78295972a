from metaflow import FlowSpec, step


class AwaitOutside(FlowSpec):
    @step
    def start(self):
        self.x = await fetch()
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    AwaitOutside()
