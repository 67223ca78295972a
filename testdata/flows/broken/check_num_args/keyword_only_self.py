from metaflow import FlowSpec, step


class KeywordOnly(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(*, self=None):
        pass


if __name__ == "__main__":
    KeywordOnly()
