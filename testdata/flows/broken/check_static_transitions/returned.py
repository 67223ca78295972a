from metaflow import FlowSpec, step


class Returned(FlowSpec):
    @step
    def start(self):
        return self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Returned()
