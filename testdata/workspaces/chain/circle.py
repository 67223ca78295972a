from c import C
from metaflow import step


class D(C):
    @step
    def three(self):
        self.next(self.one)


if __name__ == "__main__":
    D()
