from metaflow import FlowSpec, step


class Annotated(FlowSpec):
    @step(start=True)
    def begin(self):
        self.n = 1
        self.next(self.work)

    @step
    def work(self):
        self.n += 1
        self.next(self.finish)

    @step(end=True)
    def finish(self):
        print(self.n)


if __name__ == "__main__":
    Annotated()
