from c import C
from metaflow import step


class D(C):
    @step
    def one(self):
        self.next(self.three)

    @step
    def three(self):
        self.next(self.end)


if __name__ == "__main__":
    D()
