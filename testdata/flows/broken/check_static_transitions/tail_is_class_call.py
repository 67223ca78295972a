# The tail is next called through the class.
from metaflow import FlowSpec, step


class ClassCall(FlowSpec):
    @step
    def start(self):
        self.values = [1, 2]
        FlowSpec.next(self, self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ClassCall()
