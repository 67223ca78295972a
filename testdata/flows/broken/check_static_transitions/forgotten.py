from metaflow import FlowSpec, step


class Forgotten(FlowSpec):
    @step
    def start(self):
        self.x = 1

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Forgotten()
