# The outermost @step starts anew: nothing is left of @parallel.
from metaflow import FlowSpec, parallel, step


class Forgets(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    @parallel
    @step
    def end(self):
        pass


if __name__ == "__main__":
    Forgets()
