from metaflow import FlowSpec, card, resources, step


class Decorated(FlowSpec):
    @step
    def start(self):
        self.next(self.fit)

    @card(
        type="default",
        options={
            "a": 1,
        },
    )
    @resources(
        cpu=1,
    )
    @step
    # a comment counts as a line as well
    def fit(
        self,
    ):
        self.model = None

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Decorated()
