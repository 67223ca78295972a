from metaflow import FlowSpec, step


class StartDefault(FlowSpec):
    @step
    def start(self, debug=False):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    StartDefault()
