from metaflow import FlowSpec, step


class Ends(FlowSpec):
    @step(start=True)
    def begin(self):
        self.x = 1
        self.next(self.finish)

    @step(end=True)
    def finish(self):
        self.x = 2


if __name__ == "__main__":
    Ends()
