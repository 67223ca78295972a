from metaflow import FlowSpec, step


class ReturnInClass(FlowSpec):
    return 1

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ReturnInClass()
