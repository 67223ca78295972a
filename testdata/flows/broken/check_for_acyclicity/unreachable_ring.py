from metaflow import FlowSpec, step


class Island(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def round_a(self):
        self.next(self.round_b)

    @step
    def round_b(self):
        self.next(self.round_c)

    @step
    def round_c(self):
        self.next(self.round_a)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Island()
