from metaflow import FlowSpec, step


class Unequal(FlowSpec):
    @step
    def start(self):
        self.next(self.short, self.long_split)

    @step
    def short(self):
        self.next(self.outer_join)

    @step
    def long_split(self):
        self.next(self.l1, self.l2, self.l3)

    @step
    def l1(self):
        self.next(self.l1_split)

    @step
    def l1_split(self):
        self.next(self.deep_a, self.deep_b)

    @step
    def deep_a(self):
        self.next(self.deep_join)

    @step
    def deep_b(self):
        self.next(self.deep_join)

    @step
    def deep_join(self, inputs):
        self.next(self.after_deep)

    @step
    def after_deep(self):
        self.next(self.inner_join)

    @step
    def l2(self):
        self.next(self.inner_join)

    @step
    def l3(self):
        self.next(self.inner_join)

    @step
    def inner_join(self, inputs):
        self.next(self.outer_join)

    @step
    def outer_join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Unequal()
