# A plain method of the same name takes the step out of the graph.
from metaflow import FlowSpec, step


class Full(FlowSpec):
    @step
    def start(self):
        self.next(self.optional)

    @step
    def optional(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Lean(Full):
    @step
    def start(self):
        self.next(self.end)

    def optional(self):
        return None


if __name__ == "__main__":
    Lean()
