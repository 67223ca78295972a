from acme import Fans
from metaflow import step


class Score(Fans):
    @step
    def left(self):
        self.next(self.meet)

    @step
    def right(self):
        self.next(self.meet)


if __name__ == "__main__":
    Score()
