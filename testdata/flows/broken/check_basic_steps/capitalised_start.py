from metaflow import FlowSpec, step


class Capital(FlowSpec):
    @step
    def Start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Capital()
