import csv
import io
import json
import statistics

from metaflow import FlowSpec, Parameter, step

RAW = """id,city,temp
1,Oslo,-3.5
2,Cairo,31.0
3,Lima,
4,Oslo,-1.0
"""


class EtlFlow(FlowSpec):
    """Extract, clean, aggregate, report: no branch at all."""

    unit = Parameter("unit", default="C", help="C or F")

    @step
    def start(self):
        self.raw = RAW
        self.next(self.parse)

    @step
    def parse(self):
        self.rows = list(csv.DictReader(io.StringIO(self.raw)))
        self.next(self.drop_missing)

    @step
    def drop_missing(self):
        self.rows = [r for r in self.rows if r["temp"]]
        self.dropped = 1
        self.next(self.convert)

    @step
    def convert(self):
        def to_unit(value):
            value = float(value)
            return value * 9 / 5 + 32 if self.unit == "F" else value

        for row in self.rows:
            row["temp"] = to_unit(row["temp"])
        self.next(self.aggregate)

    @step
    def aggregate(self):
        by_city = {}
        for row in self.rows:
            by_city.setdefault(row["city"], []).append(row["temp"])
        self.means = {city: statistics.mean(temps) for city, temps in by_city.items()}
        self.next(self.report)

    @step
    def report(self):
        self.report_text = json.dumps(self.means, sort_keys=True)
        self.next(self.end)

    @step
    def end(self):
        print(self.report_text)


if __name__ == "__main__":
    EtlFlow()
