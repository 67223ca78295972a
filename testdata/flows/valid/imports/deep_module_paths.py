from metaflow.decorators import step
from metaflow.flowspec import FlowSpec


class DeepPaths(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    DeepPaths()
