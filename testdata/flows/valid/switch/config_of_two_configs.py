from metaflow import Config, FlowSpec, step


class TwoConfigs(FlowSpec):
    one = Config("one", default_value={"k": "a"})
    two = Config("two", default_value={"k": "b"})

    @step
    def start(self):
        self.c = "a"
        self.next({self.one.k: self.a, self.two.k: self.end}, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TwoConfigs()
