from acme.flows import Fans
from metaflow import step


class Score(Fans):
    @step
    def start(self):
        self.shards = [1]
        self.next(self.score, self.other)

    @step
    def other(self):
        self.next(self.gather)

    @step
    def left(self):
        self.next(self.meet)

    @step
    def right(self):
        self.next(self.meet)


if __name__ == "__main__":
    Score()
