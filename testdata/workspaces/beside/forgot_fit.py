import base
from metaflow import step


class TrainFlow(base.TeamFlow):
    @step
    def train(self):
        self.model = sum(self.rows)
        self.next(self.publish)


if __name__ == "__main__":
    TrainFlow()
