from metaflow import FlowSpec, parallel, step


class GangPerModel(FlowSpec):
    @step
    def start(self):
        self.models = ["small", "large"]
        self.next(self.prepare, foreach="models")

    @step
    def prepare(self):
        self.model = self.input
        self.next(self.train, num_parallel=2)

    @parallel
    @step
    def train(self):
        self.next(self.gather_nodes)

    @step
    def gather_nodes(self, inputs):
        self.next(self.gather_models)

    @step
    def gather_models(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    GangPerModel()
