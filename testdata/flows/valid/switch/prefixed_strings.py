from metaflow import FlowSpec, step


class Prefixed(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next({u"a": self.a, r"\d": self.a, Rb"\d": self.end, """long
key""": self.end}, condition=u"c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Prefixed()
