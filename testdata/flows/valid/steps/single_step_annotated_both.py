from metaflow import FlowSpec, step


class SoloAnnotated(FlowSpec):
    @step(start=True, end=True)
    def compute(self):
        self.answer = 6 * 7


if __name__ == "__main__":
    SoloAnnotated()
