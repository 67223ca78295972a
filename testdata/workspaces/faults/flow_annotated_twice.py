from annotated import Below
from metaflow import step


class Above(Below):
    @step(start=True)
    def first(self):
        self.next(self.begin)

    @step
    def work(self):
        self.next(self.finish)


if __name__ == "__main__":
    Above()
