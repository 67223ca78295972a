from metaflow import FlowSpec, step


class SoloStart(FlowSpec):
    @step
    def start(self):
        self.x = [i**2 for i in range(10)]


if __name__ == "__main__":
    SoloStart()
