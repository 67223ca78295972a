from metaflow import FlowSpec, step


class Quotes(FlowSpec):
    @step
    def start(self):
        self.a = [1]
        self.next(self.one, foreach='a')

    @step
    def one(self):
        self.b = [1]
        self.next(self.two, foreach=f"{'b'}")

    @step
    def two(self):
        self.c = [1]
        self.next(self.three, foreach=b"c")

    @step
    def three(self):
        self.d = [1]
        self.next(self.four, foreach="""d""")

    @step
    def four(self):
        self.e = [1]
        self.next(self.five, foreach=None)

    @step
    def five(self):
        self.next(self.j5)

    @step
    def j5(self, inputs):
        self.next(self.j4)

    @step
    def j4(self, inputs):
        self.next(self.j3)

    @step
    def j3(self, inputs):
        self.next(self.j2)

    @step
    def j2(self, inputs):
        self.next(self.j1)

    @step
    def j1(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Quotes()
