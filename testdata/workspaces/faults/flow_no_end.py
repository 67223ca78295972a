from no_end import Below
from metaflow import step


class Above(Below):
    @step
    def work(self):
        self.next(self.last)

    @step
    def last(self):
        pass


if __name__ == "__main__":
    Above()
