from metaflow import Config, FlowSpec, step


class OneConfigKey(FlowSpec):
    cfg = Config("cfg", default_value={"only": "x"})

    @step
    def start(self):
        self.next(self.decide)

    @step
    def decide(self):
        self.c = "x"
        self.next(
            {self.cfg.only: self.end},
            condition="c",
        )

    @step
    def end(self):
        pass


if __name__ == "__main__":
    OneConfigKey()
