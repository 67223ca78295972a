from metaflow import Config, FlowSpec, step


class ByConfig(FlowSpec):
    cfg = Config("cfg", default_value={"fast": "f", "slow": "s"})

    @step
    def start(self):
        self.mode = "f"
        self.next({self.cfg.fast: self.quick, self.cfg.slow: self.thorough}, condition="mode")

    @step
    def quick(self):
        self.next(self.end)

    @step
    def thorough(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ByConfig()
