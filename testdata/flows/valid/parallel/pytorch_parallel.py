from metaflow import FlowSpec, pytorch_parallel, retry, step


class TorchGang(FlowSpec):
    @step
    def start(self):
        self.next(self.fit, num_parallel=2)

    @retry(times=1)
    @pytorch_parallel(master_port=29500)
    @step
    def fit(self):
        import os

        self.world = os.environ.get("WORLD_SIZE")
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.worlds = {i.world for i in inputs}
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TorchGang()
