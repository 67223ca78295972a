from __future__ import annotations
import collections, math, re, typing, zlib, base64, string
from functools import cached_property, partial
from metaflow import FlowSpec, step, Parameter, JSONType, retry, resources, Config

DOCS = {
    "intro.md": "Metaflow flows have steps. Steps have artifacts. Artifacts are stored.",
    "foreach.md": "A foreach runs a step for each item of a list. Joins collect the branches.",
    "empty.md": "",
    "cards.md": "Cards show results. A card is attached to a step.",
}


class Chunk(typing.NamedTuple):
    doc: str
    number: int
    text: str


class Index:
    """bag of words + cosine; the real thing calls an embedding service"""

    def __init__(self, chunks: list[Chunk]):
        self.chunks = chunks

    @cached_property
    def df(self) -> collections.Counter:
        return collections.Counter(w for c in self.chunks for w in set(tokens(c.text)))

    def vector(self, text):
        tf = collections.Counter(tokens(text))
        return {w: n * math.log(1 + len(self.chunks) / self.df[w]) for w, n in tf.items() if w in self.df}

    def search(self, query, k=2):
        q = self.vector(query)
        def score(c):
            v = self.vector(c.text)
            norm = math.sqrt(sum(x * x for x in v.values())) or 1
            return sum(q[w] * v[w] for w in q.keys() & v.keys()) / norm
        return sorted(self.chunks, key=score, reverse=True)[:k]

    def __getstate__(self):
        return {"chunks": self.chunks}


def tokens(text: str) -> list[str]:
    return [w for w in re.findall("[a-z]+", text.lower()) if w not in {"a", "the", "of", "is", "to"}]


def split(text, size):
    sentences = [s.strip() for s in text.split(".") if s.strip()]
    yield from (". ".join(sentences[i:i + size]) for i in range(0, len(sentences), size))


class RagIndexFlow(FlowSpec):
    "Chunk documents, build an index, answer the evaluation questions"

    settings = Config("settings", default_value={"chunk_size": 2, "questions": [["what shows results", "cards.md"], ["how to collect branches", "foreach.md"]]})
    docs = Parameter("docs", type=JSONType, default=None)
    k = Parameter("top_k", default=2)

    @step
    def start(self):
        self.corpus = self.docs if self.docs is not None else DOCS
        self.items = list(self.corpus.items())
        self.next(self.chunk, foreach="items")

    @retry(times=1)
    @resources(memory=1000)
    @step
    def chunk(self):
        doc, text = self.input
        make = partial(Chunk, doc)
        self.chunks = [make(n, c) for n, c in enumerate(split(text, self.settings.chunk_size))]
        if self.chunks:
            self.longest = max(map(len, (c.text for c in self.chunks)))
        self.next(self.build)

    @step
    def build(self, inputs):
        chunks = sum((i.chunks for i in inputs), [])
        self.longest = max(i.longest for i in inputs if i.chunks)
        self.empty = [i.input[0] for i in inputs if not i.chunks]
        self.index_ = Index(chunks)
        self.compressed = base64.b64encode(zlib.compress("\n".join(c.text for c in chunks).encode())).decode(string.__name__ and "ascii")
        self.next(self.evaluate)

    @step
    def evaluate(self):
        hits = 0
        self.answers = {}
        for question, expected in self.settings.questions:
            found = self.index_.search(question, self.k)
            self.answers[question] = [c.doc for c in found]
            hits += any(c.doc == expected for c in found)
        self.recall = hits / len(self.settings.questions)
        self.next(self.end)

    @step
    def end(self):
        print("recall@%d = %.2f" % (self.k, self.recall))
        print(self.answers, self.empty, self.longest, len(self.compressed))


if __name__ == "__main__":
    RagIndexFlow()
