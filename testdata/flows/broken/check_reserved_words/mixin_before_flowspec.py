from metaflow import FlowSpec, step


class Extra:
    @step
    def index(self):
        self.next(self.end)

    @step
    def start(self):
        self.next(self.index)


class Shown(Extra, FlowSpec):
    @step
    def end(self):
        pass


if __name__ == "__main__":
    Shown()
