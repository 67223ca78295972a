from metaflow import FlowSpec
from metaflow import step

node = step


class AliasedStep(FlowSpec):
    @node
    def start(self):
        self.next(self.end)

    @node
    def end(self):
        pass


if __name__ == "__main__":
    AliasedStep()
