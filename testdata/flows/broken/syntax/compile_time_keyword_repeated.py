from metaflow import FlowSpec, step


class KeywordRepeated(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next(self.end, foreach="xs", foreach="xs")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    KeywordRepeated()
