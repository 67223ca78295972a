from metaflow import FlowSpec, step


class Extra:
    @step
    def index(self):
        """FlowSpec has an index of its own, which comes first."""
        self.next(self.end)

    @step
    def start(self):
        self.next(self.end)


class Hidden(FlowSpec, Extra):
    @step
    def end(self):
        pass


if __name__ == "__main__":
    Hidden()
