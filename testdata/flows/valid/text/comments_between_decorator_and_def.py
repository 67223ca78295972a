from metaflow import FlowSpec, retry, step


class Between(FlowSpec):
    @step
        # indented more than the function
    def start(self):
        self.next(self.middle)

    @retry

    # after an empty line

    @step

    # and once more
    def middle(self):
        self.next(self.end)

    @step  # at the end of the line
    def end(self):  # here as well
        pass


if __name__ == "__main__":
    Between()
