from metaflow import FlowSpec, step

FAST = "fast"


class VariableKey(FlowSpec):
    @step
    def start(self):
        self.c = "fast"
        self.next({FAST: self.a, "slow": self.end}, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    VariableKey()
