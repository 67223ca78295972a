from metaflow import FlowSpec, step


class Overwritten(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def helper(self):
        self.next(self.nowhere)

    helper = None

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Overwritten()
