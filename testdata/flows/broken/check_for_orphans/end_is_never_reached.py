from metaflow import FlowSpec, step


class NoWayOut(FlowSpec):
    @step
    def start(self):
        self.next(self.loop)

    @step
    def loop(self):
        self.c = 1
        self.next({1: self.loop, 2: self.loop}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NoWayOut()
