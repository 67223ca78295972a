from metaflow import FlowSpec, step


class PositionalAfterKeyword(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next(foreach="xs", self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    PositionalAfterKeyword()
