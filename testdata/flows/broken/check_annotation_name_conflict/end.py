from metaflow import FlowSpec, step


class AmbiguousEnd(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.next(self.really_the_end)

    @step(end=True)
    def really_the_end(self):
        pass


if __name__ == "__main__":
    AmbiguousEnd()
