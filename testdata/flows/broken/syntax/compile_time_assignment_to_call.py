from metaflow import FlowSpec, step


class AssignToCall(FlowSpec):
    @step
    def start(self):
        self.load() = 1
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    AssignToCall()
