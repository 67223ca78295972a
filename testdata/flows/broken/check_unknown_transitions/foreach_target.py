from metaflow import FlowSpec, step


class UnknownForeach(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next(self.work_item, foreach="xs")

    @step
    def work_items(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    UnknownForeach()
