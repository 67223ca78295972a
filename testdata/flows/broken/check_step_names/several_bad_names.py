from metaflow import FlowSpec, step


class BadNames(FlowSpec):
    @step
    def start(self):
        self.next(self.Zeta)

    @step
    def Zeta(self):
        self.next(self.aLpha)

    @step
    def aLpha(self):
        self.next(self._m)

    @step
    def _m(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    BadNames()
