"""Fine-tunes on several nodes, evaluates in parallel branches, promotes by a switch."""

import os
import time

from metaflow import FlowSpec, Parameter, card, current, environment, kubernetes, pytorch_parallel, resources, schedule, step


@schedule(weekly=True)
class FinetuneFlow(FlowSpec):
    nodes = Parameter("nodes", default=2, type=int, help="Nodes in the gang")
    base = Parameter("base", default="tiny-llm")

    @resources(memory=16_000)
    @step
    def start(self):
        self.corpus = [f"sentence {i}" for i in range(100)]
        self.checkpoints = {}
        self.next(self.tokenize)

    @step
    def tokenize(self):
        vocabulary = {}
        self.ids = [[vocabulary.setdefault(w, len(vocabulary)) for w in s.split()] for s in self.corpus]
        self.vocabulary = vocabulary
        self.next(self.train, num_parallel=self.nodes)

    @environment(vars={"NCCL_DEBUG": "INFO", "OMP_NUM_THREADS": "1"})
    @pytorch_parallel
    @resources(gpu=1, cpu=8, memory=64_000)
    @step
    def train(self):
        rank = current.parallel.node_index
        world = current.parallel.num_nodes
        mine = self.ids[rank::world]
        began = time.monotonic()
        self.loss = 1.0
        for epoch in range(3):
            for batch in mine:
                self.loss *= 0.999
            if rank == 0:
                print(f"epoch {epoch}: {self.loss:.4f}")
        self.seconds = time.monotonic() - began
        self.is_main = rank == 0
        self.next(self.gather)

    @step
    def gather(self, inputs):
        main = [i for i in inputs if i.is_main] or list(inputs)
        self.loss = main[0].loss
        self.vocabulary = main[0].vocabulary
        self.next(self.evaluations)

    @step
    def evaluations(self):
        self.next(self.perplexity, self.toxicity, self.latency)

    @card
    @step
    def perplexity(self):
        self.score = 2**self.loss
        self.next(self.compare)

    @step
    def toxicity(self):
        self.score = sum(len(w) == 4 for w in self.vocabulary) / max(1, len(self.vocabulary))
        self.next(self.compare)

    @step
    def latency(self):
        began = time.perf_counter()
        sum(range(10**5))
        self.score = time.perf_counter() - began
        self.next(self.compare)

    @step
    def compare(self, inputs):
        self.scores = {
            "perplexity": inputs.perplexity.score,
            "toxicity": inputs.toxicity.score,
            "latency": inputs.latency.score,
        }
        self.next(self.gate)

    @step
    def gate(self):
        self.promote = self.scores["perplexity"] < 3
        self.next({True: self.publish, False: self.archive}, condition="promote")

    @step
    def publish(self):
        self.location = os.path.join("models", self.base, str(current.run_id))
        self.next(self.end)

    @step
    def archive(self):
        self.location = None
        self.next(self.end)

    @step
    def end(self):
        print(self.scores, "->", self.location)


if __name__ == "__main__":
    FinetuneFlow()
