from metaflow import FlowSpec, step


class Starred(FlowSpec):
    @step
    def start(self):
        self.next(self.middle)

    @step
    def middle(*args):
        args[0].next(args[0].end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Starred()
