from metaflow import FlowSpec, step


class KeywordName(FlowSpec):
    @step
    def start(self):
        self.next(self.import)

    @step
    def import(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    KeywordName()
