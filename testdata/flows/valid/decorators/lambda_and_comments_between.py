from metaflow import FlowSpec, environment, retry, step


class Comments(FlowSpec):
    # before all
    @retry(
        times=(lambda: 2)(),  # a call in an argument
    )
    # between two decorators

    @environment(
        vars={
            "TEXT": """several
lines""",
        }
    )
    @step
    # between the last decorator and def
    def start(
        self,
    ):
        # first comment of the body
        self.next(self.end)

    @step

    def end(self):

        pass


if __name__ == "__main__":
    Comments()
