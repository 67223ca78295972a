from metaflow import step
from parts.ends import Ends
from parts.load import Loads
from parts.switches import Chooses


class Nightly(Loads, Chooses, Ends):
    @step
    def big(self):
        self.next(self.end)


if __name__ == "__main__":
    Nightly()
