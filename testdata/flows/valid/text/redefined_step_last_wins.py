from metaflow import FlowSpec, step


class Redefined(FlowSpec):
    @step
    def start(self):
        self.next(self.missing)

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Redefined()
