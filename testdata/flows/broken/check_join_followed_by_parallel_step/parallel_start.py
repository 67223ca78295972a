from metaflow import FlowSpec, parallel, step


class ParallelStart(FlowSpec):
    @parallel
    @step
    def start(self):
        self.next(self.work)

    @step
    def work(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParallelStart()
