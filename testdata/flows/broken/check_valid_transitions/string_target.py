from metaflow import FlowSpec, step


class StringTarget(FlowSpec):
    @step
    def start(self):
        self.next("end")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    StringTarget()
