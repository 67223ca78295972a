# Only ordinary positional parameters count.
from metaflow import FlowSpec, step


class OddSignatures(FlowSpec):
    @step
    def start(self, *args):
        self.next(self.kwonly)

    @step
    def kwonly(self, *, flag=True, **rest):
        self.next(self.end)

    @step
    def end(self, **kwargs):
        pass


if __name__ == "__main__":
    OddSignatures()
