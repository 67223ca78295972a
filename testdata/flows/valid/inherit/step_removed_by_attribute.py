from metaflow import FlowSpec, step


class Full(FlowSpec):
    @step
    def start(self):
        self.next(self.side)

    @step
    def side(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Cut(Full):
    side = None

    @step
    def start(self):
        self.next(self.end)


if __name__ == "__main__":
    Cut()
