from metaflow import FlowSpec, step


class Backwards(FlowSpec):
    @step
    def end(self):
        print(self.trace)

    @step
    def third(self):
        self.trace.append("third")
        self.next(self.end)

    @step
    def second(self):
        self.trace.append("second")
        self.next(self.third)

    @step
    def start(self):
        self.trace = ["start"]
        self.next(self.second)


if __name__ == "__main__":
    Backwards()
