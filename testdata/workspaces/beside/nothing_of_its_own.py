from base import TeamFlow


class TrainFlow(TeamFlow):
    pass


if __name__ == "__main__":
    TrainFlow()
