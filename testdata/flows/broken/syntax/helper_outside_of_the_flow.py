# The mistake is not in the flow, yet Python reads nothing of the file.
from metaflow import FlowSpec, step


def helper(:
    return 1


class Innocent(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Innocent()
