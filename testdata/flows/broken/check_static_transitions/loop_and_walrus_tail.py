from metaflow import FlowSpec, step


class LoopTail(FlowSpec):
    @step
    def start(self):
        for target in (self.a, self.end):
            self.next(target)

    @step
    def a(self):
        (x := self.next(self.end))

    @step
    def end(self):
        pass


if __name__ == "__main__":
    LoopTail()
