from metaflow import FlowSpec, step


class PlainMethod(FlowSpec):
    @step
    def start(self):
        self.next(self.helper)

    def helper(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    PlainMethod()
