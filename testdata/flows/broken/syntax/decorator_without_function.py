from metaflow import FlowSpec, step


class LastDecorator(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

    @step


if __name__ == "__main__":
    LastDecorator()
