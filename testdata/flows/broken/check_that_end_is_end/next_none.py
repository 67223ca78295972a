from metaflow import FlowSpec, step


class NextNone(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.next(
            None,
        )


if __name__ == "__main__":
    NextNone()
