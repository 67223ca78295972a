from metaflow import FlowSpec, step


class ForeachSwitch(FlowSpec):
    @step
    def start(self):
        self.xs = [1, 2]
        self.next(self.each, foreach="xs")

    @step
    def each(self):
        self.big = self.input > 1
        self.next({True: self.more, False: self.join}, condition="big")

    @step
    def more(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachSwitch()
