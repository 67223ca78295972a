from metaflow import FlowSpec, step


class NoTarget(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next(foreach="xs")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NoTarget()
