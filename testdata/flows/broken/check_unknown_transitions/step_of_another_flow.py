from metaflow import FlowSpec, step


class Other(FlowSpec):
    @step
    def start(self):
        self.next(self.special)

    @step
    def special(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Confused(FlowSpec):
    @step
    def start(self):
        self.next(self.special)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Confused()
