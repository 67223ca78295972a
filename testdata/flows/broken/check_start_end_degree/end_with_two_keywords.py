# The transition is invalid, yet its target counts.
from metaflow import FlowSpec, step


class EndKeywords(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.next(self.start, foreach="xs", num_parallel=2)


if __name__ == "__main__":
    EndKeywords()
