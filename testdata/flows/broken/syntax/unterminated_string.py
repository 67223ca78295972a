from metaflow import FlowSpec, step


class OpenString(FlowSpec):
    @step
    def start(self):
        self.x = "oops
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    OpenString()
