from metaflow import FlowSpec, step


class Branch(FlowSpec):
    @step
    def start(self):
        self.seed = 7
        self.next(self.left, self.right)

    @step
    def left(self):
        self.y = self.seed + 1
        self.only_left = "l"
        self.next(self.join)

    @step
    def right(self):
        self.y = self.seed + 2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.y for i in inputs)
        self.merge_artifacts(inputs, exclude=["y"])
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Branch()
