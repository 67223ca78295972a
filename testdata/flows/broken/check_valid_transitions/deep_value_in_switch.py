from metaflow import FlowSpec, step


class DeepValue(FlowSpec):
    @step
    def start(self):
        self.c = 1
        self.next({1: self.steps.end, 2: self.end}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    DeepValue()
