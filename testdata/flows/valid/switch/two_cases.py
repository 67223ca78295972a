from metaflow import FlowSpec, step


class Choose(FlowSpec):
    @step
    def start(self):
        self.size = "big"
        self.next({"big": self.heavy, "small": self.light}, condition="size")

    @step
    def heavy(self):
        self.next(self.end)

    @step
    def light(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Choose()
