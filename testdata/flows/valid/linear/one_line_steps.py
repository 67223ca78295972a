from metaflow import FlowSpec, step


class OneLiners(FlowSpec):
    @step
    def start(self): self.next(self.a)
    @step
    def a(self): self.n = 3; self.next(self.b)
    @step
    def b(self): self.next(self.end)
    @step
    def end(self): print(self.n)


if __name__ == "__main__":
    OneLiners()
