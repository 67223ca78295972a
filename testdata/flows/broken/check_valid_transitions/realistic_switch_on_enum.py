"""Cases keyed by an enum's values: not a literal, so Metaflow refuses."""

import enum

from metaflow import FlowSpec, step


class Verdict(str, enum.Enum):
    GOOD = "good"
    BAD = "bad"


class Gate(FlowSpec):
    @step
    def start(self):
        self.verdict = Verdict.GOOD.value
        self.next(
            {
                Verdict.GOOD.value: self.deploy,
                Verdict.BAD.value: self.end,
            },
            condition="verdict",
        )

    @step
    def deploy(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Gate()
