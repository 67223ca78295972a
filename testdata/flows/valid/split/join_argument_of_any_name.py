from metaflow import FlowSpec, step


class AnyName(FlowSpec):
    @step
    def start(self):
        self.next(self.x, self.y)

    @step
    def x(self):
        self.next(self.meet)

    @step
    def y(self):
        self.next(self.meet)

    @step
    def meet(self, the_branches_that_come_in):
        self.n = len(list(the_branches_that_come_in))
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    AnyName()
