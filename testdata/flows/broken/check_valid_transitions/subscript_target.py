from metaflow import FlowSpec, step


class Subscript(FlowSpec):
    @step
    def start(self):
        self.next(self.steps["end"])

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Subscript()
