from metaflow import FlowSpec, step


class EndToNowhere(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.next(self.ghost)


if __name__ == "__main__":
    EndToNowhere()
