"""The first flow is fine; the second names a step that was renamed."""

from metaflow import FlowSpec, catch, step, timeout


class Daily(FlowSpec):
    @step
    def start(self):
        self.next(self.fetch)

    @catch(var="problem")
    @timeout(minutes=1)
    @step
    def fetch(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Weekly(FlowSpec):
    @step
    def start(self):
        self.weeks = list(range(52))
        self.next(
            self.fetch_week,
            foreach="weeks",
        )

    @catch(var="problem")
    @step
    def fetch_weeks(self):
        self.week = self.input
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    import sys

    Weekly() if "weekly" in sys.argv else Daily()
