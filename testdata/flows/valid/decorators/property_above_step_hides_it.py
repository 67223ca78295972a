# A property is not callable on the class: no step.
from metaflow import FlowSpec, step


class PropertyStep(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @property
    @step
    def shiny(self):
        self.next(self.nowhere)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    PropertyStep()
