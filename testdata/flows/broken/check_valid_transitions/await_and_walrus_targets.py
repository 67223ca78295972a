from metaflow import FlowSpec, step


class Walrus(FlowSpec):
    @step
    def start(self):
        self.next((target := self.end))

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Walrus()
