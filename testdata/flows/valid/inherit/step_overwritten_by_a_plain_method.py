from metaflow import FlowSpec, step


class OverwrittenByMethod(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def helper(self):
        self.next(self.nowhere)

    def helper(self):
        return 1

    @step
    def end(self):
        pass


if __name__ == "__main__":
    OverwrittenByMethod()
