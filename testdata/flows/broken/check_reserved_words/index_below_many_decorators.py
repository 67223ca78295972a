from metaflow import FlowSpec, card, environment, resources, retry, step


class BuildsIndex(FlowSpec):
    @step
    def start(self):
        self.next(self.index)

    @card
    @retry(times=1)
    @resources(
        cpu=1,
        memory=512,
    )
    @environment(
        vars={"K": "v"},
    )
    @step
    def index(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    BuildsIndex()
