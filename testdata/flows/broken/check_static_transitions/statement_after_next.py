from metaflow import FlowSpec, step


class After(FlowSpec):
    @step
    def start(self):
        self.next(self.middle)

    @step
    def middle(self):
        self.next(self.end)
        print("too late")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    After()
