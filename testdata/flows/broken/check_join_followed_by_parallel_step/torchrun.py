from metaflow import FlowSpec, step, torchrun


class TorchrunLinear(FlowSpec):
    @step
    def start(self):
        self.next(self.train, num_parallel=2)

    @torchrun(
        all_nodes_started_timeout=60,
    )
    @step
    def train(self):
        self.next(self.after)

    @step
    def after(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TorchrunLinear()
