from metaflow import FlowSpec, step


class AlmostReserved(FlowSpec):
    @step
    def start(self):
        self.next(self.next_)

    @step
    def next_(self):
        self.next(self.inputs)

    @step
    def inputs(self):
        self.next(self.names)

    @step
    def names(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    AlmostReserved()
