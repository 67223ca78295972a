from metaflow import FlowSpec, step


class PropertyTarget(FlowSpec):
    @step
    def start(self):
        self.next(self.shiny)

    @property
    @step
    def shiny(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    PropertyTarget()
