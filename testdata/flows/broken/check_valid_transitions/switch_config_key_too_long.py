from metaflow import Config, FlowSpec, step


class LongKey(FlowSpec):
    cfg = Config("cfg", default_value={"a": {"b": "x"}})

    @step
    def start(self):
        self.c = "x"
        self.next({self.cfg.a.b: self.a, "b": self.end}, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    LongKey()
