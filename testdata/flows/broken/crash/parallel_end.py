from metaflow import FlowSpec, parallel, step


class ParallelEnd(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @parallel
    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParallelEnd()
