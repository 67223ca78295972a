from metaflow import FlowSpec, Parameter, step


class _Settings(FlowSpec):
    """Only parameters: never run."""

    alpha = Parameter("alpha", default=1)
    beta = Parameter("beta", default=2)


class WithSettings(_Settings):
    @step
    def start(self):
        self.total = self.alpha + self.beta
        self.next(self.end)

    @step
    def end(self):
        print(self.total)


if __name__ == "__main__":
    WithSettings()
