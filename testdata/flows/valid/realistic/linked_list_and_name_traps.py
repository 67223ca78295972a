"""
Names that look like Metaflow's but are not: a linked list with `next`, a local `current`, attributes `input`
and `index` of other classes, nested functions that return and yield inside steps.
"""
import contextlib
import itertools
import time as step_clock
from metaflow import FlowSpec, step
from metaflow import current as ctx


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next
        self.name = str(value)
        self.input = self.index = None

    def merge_artifacts(self, other):
        self.value += other.value
        return self

    def __iter__(self):
        current = self
        while current:
            yield current.value
            current = current.next


class Pipeline:
    steps = ()

    def __init__(self, *steps):
        self.steps = steps

    def run(self, input):
        for index, step in enumerate(self.steps):  # `step` is a local here
            input = step(input)
        return input


class NameTrapsFlow(FlowSpec):
    input_path = "s3://bucket/key"
    index_names = ["a", "b"]
    next_run = None

    @step
    def start(self):
        head = Node(1, Node(2, Node(3)))
        current = head
        total = 0
        while current is not None:
            total += current.value
            current = current.next
        self.total = total
        self.values = list(head)
        self.names = [n for n in "xyz"]
        self.inputs_seen = 0
        self.start_time = step_clock.time()
        self.end_date, self.step_size = "2024-01-31", 0.5

        def positive(x):
            if x < 0:
                return
            return x

        def numbers():
            for x in self.values:
                yield positive(x)

        self.numbers = list(numbers())
        pipeline = Pipeline(lambda x: x + 1, str, len)
        self.width = pipeline.run(41)
        head.merge_artifacts(Node(10))
        self.head_value = head.value
        self.next(self.transform)

    @step
    def transform(self):
        @contextlib.contextmanager
        def changed(what):
            before = getattr(self, what)
            yield before
            self.changed_from = before

        with changed("total") as before:
            self.total = before * 2

        class Local:
            def next(self, x):
                self.seen = x
                return x

        self.picked = Local().next(7)
        index = 0
        for index, input in enumerate(itertools.islice(self.values, 2)):
            print(index, input)
        self.last = index
        _ = [step for step in self.names]
        message = "call self.next(self.end) at the end"
        print(message, ctx.step_name)
        self.next(self.end)

    @step
    def end(self):
        async def later():
            return self.total

        import asyncio

        result = asyncio.run(later())
        if result != self.total:
            return
        print(result, self.changed_from, self.picked, self.width, self.numbers, self.head_value, self.name)


if __name__ == "__main__":
    NameTrapsFlow()
