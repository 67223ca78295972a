from metaflow import FlowSpec, step


class First(FlowSpec):
    @step
    def start(self):
        self.next(self.a)

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Second(FlowSpec):
    @step
    def start(self):
        self.next(self.b)

    @step
    def b(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    import sys

    if "second" in sys.argv:
        Second()
    First()
