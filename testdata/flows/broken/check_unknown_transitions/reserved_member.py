from metaflow import FlowSpec, step


class Member(FlowSpec):
    @step
    def start(self):
        self.next(self.next)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Member()
