from metaflow import FlowSpec, step


class DefaultFirst(FlowSpec):
    @step
    def start(self, a=1, b):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    DefaultFirst()
