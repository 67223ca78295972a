# metaflow-torchrun is not installed: testdata/flows/stubs stands for it.
from metaflow import FlowSpec, step, torchrun


class TorchrunFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.train, num_parallel=2)

    @torchrun
    @step
    def train(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TorchrunFlow()
