from metaflow import FlowSpec, step


class StringForeach(FlowSpec):
    @step
    def start(self):
        self.xs = [1]
        self.next("work", foreach="xs")

    @step
    def work(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    StringForeach()
