from metaflow import FlowSpec, parallel, step


class ParallelSolo(FlowSpec):
    @parallel
    @step
    def only(self):
        pass


if __name__ == "__main__":
    ParallelSolo()
