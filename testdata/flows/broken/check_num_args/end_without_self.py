from metaflow import FlowSpec, step


class EndWithoutSelf(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end():
        pass


if __name__ == "__main__":
    EndWithoutSelf()
