from acme.flows.batch import BatchFlow
from metaflow import step


class Score(BatchFlow):
    @step
    def score(self):
        self.next(self.end)

    @step
    def gather(self):
        self.next(self.end)


if __name__ == "__main__":
    Score()
