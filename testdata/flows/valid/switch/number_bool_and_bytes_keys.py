from metaflow import FlowSpec, step


class Keys(FlowSpec):
    @step
    def start(self):
        self.n = 2
        self.next({1: self.one, 2: self.two, 2.5: self.half}, condition="n")

    @step
    def one(self):
        self.next(self.flags)

    @step
    def two(self):
        self.next(self.flags)

    @step
    def half(self):
        self.next(self.flags)

    @step
    def flags(self):
        self.flag = True
        self.next({True: self.yes, False: self.no}, condition="flag")

    @step
    def yes(self):
        self.next(self.raw)

    @step
    def no(self):
        self.next(self.raw)

    @step
    def raw(self):
        self.b = b"x"
        self.next({b"x": self.x, b"y": self.y, 0x10: self.y, 1_000: self.x, 1e3: self.y, 2j: self.x}, condition="b")

    @step
    def x(self):
        self.next(self.end)

    @step
    def y(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Keys()
