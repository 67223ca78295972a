from upper_case import Below
from metaflow import step


class Above(Below):
    @step
    def work(self):
        self.next(self.Check)


if __name__ == "__main__":
    Above()
