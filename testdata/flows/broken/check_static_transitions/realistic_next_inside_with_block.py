"""The transition slipped into the with block when the timing was added."""

import contextlib
import time

from metaflow import FlowSpec, resources, step


@contextlib.contextmanager
def timed(label):
    began = time.time()
    yield
    print(label, time.time() - began)


class Embeddings(FlowSpec):
    @step
    def start(self):
        self.texts = ["a", "b"]
        self.next(self.embed)

    @resources(memory=8000)
    @step
    def embed(self):
        with timed("embedding"):
            self.vectors = [[float(len(t))] for t in self.texts]
            self.next(self.index_vectors)

    @step
    def index_vectors(self):
        self.index_of = dict(zip(self.texts, self.vectors))
        self.next(self.end)

    @step
    def end(self):
        print(self.index_of)


if __name__ == "__main__":
    Embeddings()
