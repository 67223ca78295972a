# Metaflow keeps the config key as a string, which the other key equals.
from metaflow import Config, FlowSpec, step


class Collides(FlowSpec):
    cfg = Config("cfg", default_value={"k": "a"})

    @step
    def start(self):
        self.c = "a"
        self.next({self.cfg.k: self.end, "config:cfg.k": self.end}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Collides()
