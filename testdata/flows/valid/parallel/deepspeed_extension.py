from metaflow import FlowSpec, deepspeed, resources, step


class DeepspeedFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.train, num_parallel=2)

    @resources(gpu=1)
    @deepspeed
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
    DeepspeedFlow()
