from metaflow import FlowSpec, Parameter, parallel, resources, step


class GangBySize(FlowSpec):
    nodes = Parameter("nodes", default=2)

    @step
    def start(self):
        self.next(self.train, num_parallel=self.nodes * 2)

    @resources(cpu=4, memory=8000)
    @parallel
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
    GangBySize()
