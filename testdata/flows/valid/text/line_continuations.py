from metaflow import FlowSpec, \
    step


class Continued( \
        FlowSpec):
    @step
    def start(self):
        self.next \
            (self \
             .work)

    @step
    def work \
            (self):
        self.x = 1 + \
            2
        self.next(self.end)

    @ \
    step
    def end(self):
        pass


if __name__ == "__main__":
    Continued()
