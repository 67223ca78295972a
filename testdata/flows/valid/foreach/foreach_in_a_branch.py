from metaflow import FlowSpec, step


class BranchForeach(FlowSpec):
    @step
    def start(self):
        self.next(self.fan, self.plain)

    @step
    def fan(self):
        self.parts = list("abc")
        self.next(self.part, foreach="parts")

    @step
    def part(self):
        self.up = self.input.upper()
        self.next(self.fan_in)

    @step
    def fan_in(self, inputs):
        self.word = "".join(i.up for i in inputs)
        self.next(self.merge)

    @step
    def plain(self):
        self.next(self.merge)

    @step
    def merge(self, inputs):
        self.word = inputs.fan_in.word
        self.next(self.end)

    @step
    def end(self):
        print(self.word)


if __name__ == "__main__":
    BranchForeach()
