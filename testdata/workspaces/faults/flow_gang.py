from gang import Below
from metaflow import step


class Above(Below):
    @step
    def work(self):
        self.next(self.gather)


if __name__ == "__main__":
    Above()
