from metaflow import FlowSpec, step


class AmbiguousTwice(FlowSpec):
    @step(start=True)
    def opening(self):
        self.next(self.start)

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.next(self.closing)

    @step(end=True)
    def closing(self):
        pass


if __name__ == "__main__":
    AmbiguousTwice()
