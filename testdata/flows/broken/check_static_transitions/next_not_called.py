from metaflow import FlowSpec, step


class NotCalled(FlowSpec):
    @step
    def start(self):
        self.next

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NotCalled()
