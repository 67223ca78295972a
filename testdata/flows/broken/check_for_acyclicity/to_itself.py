from metaflow import FlowSpec, step


class SelfLoop(FlowSpec):
    @step
    def start(self):
        self.next(self.again)

    @step
    def again(self):
        self.next(self.again)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SelfLoop()
