from metaflow import FlowSpec, step


class Diamonds(FlowSpec):
    @step
    def start(self):
        self.next(self.a0, self.b0)

    @step
    def a0(self):
        self.next(self.j0)

    @step
    def b0(self):
        self.next(self.j0)

    @step
    def j0(self, inputs):
        self.next(self.split1)

    @step
    def split1(self):
        self.next(self.a1, self.b1)

    @step
    def a1(self):
        self.next(self.j1)

    @step
    def b1(self):
        self.next(self.j1)

    @step
    def j1(self, inputs):
        self.next(self.split2)

    @step
    def split2(self):
        self.next(self.a2, self.b2)

    @step
    def a2(self):
        self.next(self.j2)

    @step
    def b2(self):
        self.next(self.j2)

    @step
    def j2(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Diamonds()
