"""Decides at run time what to do with a candidate model: a conditional transition."""

from metaflow import FlowSpec, Parameter, step


class ReleaseFlow(FlowSpec):
    """Releases a model that is better than the one in use, asks when it is close, else drops it."""

    candidate = Parameter("candidate", default=0.93, help="Score of the new model")
    in_use = Parameter("in_use", default=0.91, help="Score of the model in use")

    @step
    def start(self):
        self.gain = round(self.candidate - self.in_use, 4)
        if self.gain > 0.01:
            self.decision = "release"
        elif self.gain > -0.01:
            self.decision = "review"
        else:
            self.decision = "drop"
        self.next({"release": self.release, "review": self.review, "drop": self.drop}, condition="decision")

    @step
    def release(self):
        self.message = f"Released: {self.gain:+.3f}"
        self.next(self.end)

    @step
    def review(self):
        self.message = f"A person should look at this: {self.gain:+.3f}"
        self.next(self.end)

    @step
    def drop(self):
        self.message = f"Kept the old model: {self.gain:+.3f}"
        self.next(self.end)

    @step
    def end(self):
        print(self.message)


if __name__ == "__main__":
    ReleaseFlow()
