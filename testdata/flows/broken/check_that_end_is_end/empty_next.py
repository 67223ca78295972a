from metaflow import FlowSpec, step


class EmptyNext(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        print("over")
        self.next()


if __name__ == "__main__":
    EmptyNext()
