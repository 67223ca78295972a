from metaflow import FlowSpec, step


class WrongCase(FlowSpec):
    @step
    def start(self):
        self.next(self.End)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    WrongCase()
