from metaflow import FlowSpec, step


class SoloJoin(FlowSpec):
    @step
    def start(self, inputs):
        pass


if __name__ == "__main__":
    SoloJoin()
