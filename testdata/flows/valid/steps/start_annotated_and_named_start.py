from metaflow import FlowSpec, step


class BeltAndBraces(FlowSpec):
    @step(start=True)
    def start(self):
        self.next(self.end)

    @step(end=True)
    def end(self):
        pass


if __name__ == "__main__":
    BeltAndBraces()
