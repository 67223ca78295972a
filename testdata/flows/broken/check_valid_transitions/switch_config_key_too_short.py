# self.mode is no config key: self.<config>.<key> has two attributes.
from metaflow import FlowSpec, step


class ShortKey(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next({self.mode: self.a, "b": self.end}, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ShortKey()
