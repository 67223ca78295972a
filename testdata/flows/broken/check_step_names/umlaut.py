from metaflow import FlowSpec, step


class Umlaut(FlowSpec):
    @step
    def start(self):
        self.next(self.prüfen)

    @step
    def prüfen(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Umlaut()
