from metaflow import FlowSpec, step


class Wide(FlowSpec):
    @step
    def start(self):
        self.next(self.b1, self.b2, self.b3, self.b4, self.b5)

    @step
    def b1(self):
        self.next(self.b1_more)

    @step
    def b1_more(self):
        self.next(self.b1_most)

    @step
    def b1_most(self):
        self.next(self.collect)

    @step
    def b2(self):
        self.next(self.collect)

    @step
    def b3(self):
        self.next(self.collect)

    @step
    def b4(self):
        self.next(self.collect)

    @step
    def b5(self):
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.merge_artifacts(inputs)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Wide()
