from metaflow import step
from parts.ends import Ends, Reports
from parts.load import Loads


class Nightly(Loads, Reports, Ends):
    @step
    def work(self):
        self.next(self.report)


if __name__ == "__main__":
    Nightly()
