from metaflow import FlowSpec, step


class EndSwitch(FlowSpec):
    @step
    def start(self):
        self.next(self.decide)

    @step(end=True)
    def decide(self):
        self.c = 1
        self.next({1: self.a, 2: self.b}, condition="c")

    @step
    def a(self):
        self.next(self.b)

    @step
    def b(self):
        pass


if __name__ == "__main__":
    EndSwitch()
