from metaflow import FlowSpec, step


class JoinSwitch(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.way = "x"
        self.next({"x": self.x, "y": self.end}, condition="way")

    @step
    def x(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    JoinSwitch()
