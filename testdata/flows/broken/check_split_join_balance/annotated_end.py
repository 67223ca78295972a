from metaflow import FlowSpec, step


class AnnotatedOpen(FlowSpec):
    @step(start=True)
    def fan(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.done)

    @step
    def b(self):
        self.next(self.done)

    @step(end=True)
    def done(self):
        pass


if __name__ == "__main__":
    AnnotatedOpen()
