from gang_called import Below
from metaflow import step


class Above(Below):
    @step
    def start(self):
        self.next(self.work)


if __name__ == "__main__":
    Above()
