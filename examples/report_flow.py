"""Two analyses side by side, joined into one report. Run it with the parameter broken=True to see a step fail."""

from statistics import mean, median, stdev

from metaflow import FlowSpec, Parameter, step

TEMPERATURES = [12.1, 13.4, 11.8, 15.2, 14.9, 16.3, 15.7, 12.9]


class ReportFlow(FlowSpec):
    """A static split with a join that merges what its branches found."""

    broken = Parameter("broken", type=bool, default=False, help="Put a gap into the data, as real sensors do")

    @step
    def start(self):
        self.readings = list(TEMPERATURES)
        if self.broken:
            self.readings[3] = None
        self.next(self.average, self.spread)

    @step
    def average(self):
        self.mean = round(mean(self.readings), 2)
        self.median = round(median(self.readings), 2)
        self.next(self.report)

    @step
    def spread(self):
        self.deviation = round(stdev(self.readings), 2)
        self.warmest = max(self.readings)
        self.next(self.report)

    @step
    def report(self, inputs):
        self.merge_artifacts(inputs)
        self.summary = f"{self.mean} ± {self.deviation} °C, at most {self.warmest} °C"
        self.next(self.end)

    @step
    def end(self):
        print(self.summary)


if __name__ == "__main__":
    ReportFlow()
