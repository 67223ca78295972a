from metaflow import FlowSpec, step


class Lattice(FlowSpec):
    @step
    def start(self):
        self.c = "s"
        self.next({"s": self.fan, "j": self.join}, condition="c")

    @step
    def fan(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Lattice()
