from metaflow import FlowSpec, step


class Names(FlowSpec):
    @step
    def start(self):
        self.next(self.step_2)

    @step
    def step_2(self):
        self.next(self.x__y)

    @step
    def x__y(self):
        self.next(self.a1b2c3_)

    @step
    def a1b2c3_(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Names()
