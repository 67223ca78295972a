from metaflow import FlowSpec, step


class DocAfter(FlowSpec):
    @step
    def start(self):
        self.next(self.end)
        """a string is a statement"""

    @step
    def end(self):
        pass


if __name__ == "__main__":
    DocAfter()
