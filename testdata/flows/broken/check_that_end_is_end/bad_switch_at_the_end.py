from metaflow import FlowSpec, step


class BadSwitchAtEnd(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        key = "x"
        self.next({key: self.start}, condition="c")


if __name__ == "__main__":
    BadSwitchAtEnd()
