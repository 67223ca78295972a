from acme import BatchFlow
from metaflow import step


class Score(BatchFlow):
    @step
    def score(self):
        self.score_of = self.input
        self.next(self.gather)


if __name__ == "__main__":
    Score()
