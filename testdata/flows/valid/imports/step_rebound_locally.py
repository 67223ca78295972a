# A name of the file's own hides the imported one; the flow uses the module's.
import metaflow
from metaflow import FlowSpec


def step(text):
    print(text)


class Rebound(FlowSpec):
    @metaflow.step
    def start(self):
        step("in start")
        self.next(self.end)

    @metaflow.step
    def end(self):
        pass


if __name__ == "__main__":
    Rebound()
