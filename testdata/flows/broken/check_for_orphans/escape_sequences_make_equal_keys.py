from metaflow import FlowSpec, step


class Escapes(FlowSpec):
    @step
    def start(self):
        self.k = "A"
        self.next({"\x41": self.lost, 'A': self.found, "\N{LATIN CAPITAL LETTER B}": self.gone, r"B": self.found}, condition="k")

    @step
    def lost(self):
        self.next(self.end)

    @step
    def gone(self):
        self.next(self.end)

    @step
    def found(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Escapes()
