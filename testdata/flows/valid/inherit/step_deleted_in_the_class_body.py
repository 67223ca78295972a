from metaflow import FlowSpec, step


class Deleted(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def helper(self):
        self.next(self.nowhere)

    del helper

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Deleted()
