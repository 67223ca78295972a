# The name is found first, although more is wrong.
from metaflow import FlowSpec, step


class Several(FlowSpec):
    @step
    def start(self):
        self.next(self.cmd, self.nowhere)

    @step
    def cmd(self):
        print("no transition")


if __name__ == "__main__":
    Several()
