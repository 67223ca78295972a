from metaflow import FlowSpec, step


class Truthy(FlowSpec):
    @step(start={"yes": 1}, end=[])
    def opening(self):
        self.next(self.middle)

    @step(start="", end=0, node_info=None)
    def middle(self):
        self.next(self.closing)

    @step(start=None, end=("this", "one"))
    def closing(self):
        pass


if __name__ == "__main__":
    Truthy()
