# Metaflow reads only the attribute's name; the object in front may be anything.
from metaflow import FlowSpec, step


class Qualified(FlowSpec):
    @step
    def start(self):
        self.next(Qualified.middle)

    @step
    def middle(self):
        self.next(self.alias.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Qualified()
