from metaflow import FlowSpec, step


class ListTarget(FlowSpec):
    @step
    def start(self):
        self.next([self.a, self.end])

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ListTarget()
