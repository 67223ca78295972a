from metaflow import FlowSpec, step


class KeywordsOnly(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.next(foreach="xs")


if __name__ == "__main__":
    KeywordsOnly()
