from metaflow import FlowSpec, step


class RecursiveIntoJoin(FlowSpec):
    @step
    def start(self):
        self.next(self.loop, self.other)

    @step
    def loop(self):
        self.c = "more"
        self.next({"more": self.loop, "done": self.join}, condition="c")

    @step
    def other(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    RecursiveIntoJoin()
