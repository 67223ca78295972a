from metaflow import step

from .batch import BatchFlow


class FanOut(BatchFlow):
    @step
    def score(self):
        self.next(self.left, self.right)

    @step
    def meet(self, inputs):
        self.next(self.gather)
