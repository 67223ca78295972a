from metaflow import FlowSpec, step


class OddKeys(FlowSpec):
    @step
    def start(self):
        self.c = (1, 2)
        self.next({(1, 2): self.a, "x": self.end}, condition="c")

    @step
    def a(self):
        self.d = "x"
        self.next({f"x": self.b, "y": self.end}, condition="d")

    @step
    def b(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    OddKeys()
