from metaflow import FlowSpec, step


class Camel(FlowSpec):
    @step
    def start(self):
        self.next(self.loadData)

    @step
    def loadData(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Camel()
