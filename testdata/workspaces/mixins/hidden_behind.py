from metaflow import FlowSpec, step
from parts.ends import Reports


class Nightly(FlowSpec, Reports):
    @step
    def start(self):
        self.next(self.report)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Nightly()
