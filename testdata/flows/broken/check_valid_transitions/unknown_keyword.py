from metaflow import FlowSpec, step


class UnknownKeyword(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next(self.a, for_each="xs")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    UnknownKeyword()
