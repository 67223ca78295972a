from metaflow import FlowSpec, step


class NestedOnly(FlowSpec):
    @step
    def start(self):
        def go():
            self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NestedOnly()
