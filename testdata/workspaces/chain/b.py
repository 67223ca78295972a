from a import A
from metaflow import step


class B(A):
    @step
    def one(self):
        self.next(self.two)
