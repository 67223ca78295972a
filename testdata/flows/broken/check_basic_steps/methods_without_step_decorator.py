from metaflow import FlowSpec, step


class Forgot(FlowSpec):
    def start(self):
        self.next(self.end)

    @step
    def middle(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Forgot()
