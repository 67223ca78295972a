from metaflow import FlowSpec, step


class MixedOtherWay(FlowSpec):
    @step
    def start(self):
        self.next(self.publish)

    @step(end=True)
    def publish(self):
        pass


if __name__ == "__main__":
    MixedOtherWay()
