from metaflow import FlowSpec, step


class Dangling(FlowSpec):
    @step
    def start(self):
        self.next(self.)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Dangling()
