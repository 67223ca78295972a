from metaflow import FlowSpec, step


class WrongOrder(FlowSpec):
    @step
    def start(self):
        self.next(self.left, self.right)

    @step
    def left(self):
        self.xs = [1]
        self.next(self.item, foreach="xs")

    @step
    def item(self):
        self.next(self.both)

    @step
    def right(self):
        self.next(self.both)

    @step
    def both(self, inputs):
        self.next(self.items_join)

    @step
    def items_join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    WrongOrder()
