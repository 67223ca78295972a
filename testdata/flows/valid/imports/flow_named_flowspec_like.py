from metaflow import FlowSpec, step


class FlowSpecFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class NotAFlow:
    @staticmethod
    def step(f):
        return f

    @step
    def start(self):
        return 1

    @step
    def broken(self):
        self.next(self.nowhere)


if __name__ == "__main__":
    FlowSpecFlow()
