from metaflow import FlowSpec, step


class NoSelf(FlowSpec):
    @step
    def start():
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NoSelf()
