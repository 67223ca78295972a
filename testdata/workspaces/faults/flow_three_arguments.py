from three_arguments import Below
from metaflow import step


class Above(Below):
    @step
    def work(self):
        self.next(self.end)


if __name__ == "__main__":
    Above()
