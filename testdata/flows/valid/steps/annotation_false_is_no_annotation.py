from metaflow import FlowSpec, step


class Falsy(FlowSpec):
    @step
    def start(self):
        self.next(self.middle)

    @step(start=False, end=False)
    def middle(self):
        self.next(self.end)

    @step()
    def end(self):
        pass


if __name__ == "__main__":
    Falsy()
