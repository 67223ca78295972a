"""Two small flows: one step only, and one whose start and end have names of their own."""
import argparse
import platform
import sys
from metaflow import FlowSpec, Parameter, card, step, environment


class HealthCheck(FlowSpec):
    """The cron job of the team: one step."""

    @card(type="blank")
    @step(start=True, end=True)
    def check(self):
        self.python = platform.python_version()
        self.ok = sys.version_info >= (3, 8)
        if not self.ok:
            raise SystemExit("too old")
        print("ok", self.python)


class Convert(FlowSpec):
    unit = Parameter("unit", default="km")
    values = Parameter("values", default="1,2.5,10", separator=",")

    FACTORS = {"km": 0.621371, "kg": 2.20462}

    def convert(self, x):
        try:
            return float(x) * self.FACTORS[self.unit]
        except KeyError as e:
            raise ValueError(f"unknown unit {e}") from None

    @step(start=True)
    def load(self):
        self.numbers = [v.strip() for v in self.values if v]
        self.next(self.imperial, self.rounded)

    @environment(vars={"LC_ALL": "C"})
    @step
    def imperial(self):
        self.out = list(map(self.convert, self.numbers))
        self.next(self.combine)

    @step
    def rounded(self):
        self.out = [round(float(n)) for n in self.numbers]
        self.next(self.combine)

    @step
    def combine(self, inputs):
        self.table = [dict(zip(("input", "imperial", "rounded"), row)) for row in zip(inputs.imperial.numbers, inputs.imperial.out, inputs.rounded.out)]
        self.next(self.show)

    @step(end=True)
    def show(self):
        width = max(len(str(row["input"])) for row in self.table)
        for row in self.table:
            print(f"{row['input']:>{width}} {self.unit} = {row['imperial']:.2f} ({row['rounded']})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--health", action="store_true")
    known, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    HealthCheck() if known.health else Convert()
