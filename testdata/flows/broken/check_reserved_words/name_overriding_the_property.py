from metaflow import FlowSpec, step


class Named(FlowSpec):
    @step
    def start(self):
        self.next(self.name)

    @step
    def name(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Named()
