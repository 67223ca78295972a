from metaflow import FlowSpec, step


class NoneKey(FlowSpec):
    @step
    def start(self):
        self.c = None
        self.next({None: self.a, "x": self.end}, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NoneKey()
