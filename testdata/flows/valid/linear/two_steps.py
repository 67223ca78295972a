from metaflow import FlowSpec, step


class Shortest(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        print("done")


if __name__ == "__main__":
    Shortest()
