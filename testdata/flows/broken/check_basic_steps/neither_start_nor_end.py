from metaflow import FlowSpec, step


class Neither(FlowSpec):
    @step
    def first(self):
        self.next(self.second)

    @step
    def second(self):
        pass


if __name__ == "__main__":
    Neither()
