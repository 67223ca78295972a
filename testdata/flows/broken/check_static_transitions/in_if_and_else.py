from metaflow import FlowSpec, step


class Conditional(FlowSpec):
    @step
    def start(self):
        if self.name:
            self.next(self.a)
        else:
            self.next(self.end)

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Conditional()
