from metaflow import Config, FlowSpec, step


class MixedKeys(FlowSpec):
    routes = Config("routes", default_value={"gpu": "cuda"})

    @step
    def start(self):
        self.device = "cpu"
        self.next(
            {
                self.routes.gpu: self.on_gpu,
                "cpu": self.on_cpu,
                ...: self.anywhere,
            },
            condition="device",
        )

    @step
    def on_gpu(self):
        self.next(self.end)

    @step
    def on_cpu(self):
        self.next(self.end)

    @step
    def anywhere(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    MixedKeys()
