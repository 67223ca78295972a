# Waits for an upstream job: polls with a recursive switch, backs off, gives up politely.
import random
from enum import Enum

from metaflow import FlowSpec, Parameter, current, step


class State(str, Enum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class FakeClient:
    """Stands in for the vendor's SDK, which pages with .next() of all things."""

    def __init__(self, token=None):
        self.next_token = token
        self.pages = iter([["a", "b"], ["c"]])

    def next(self, token):
        self.next_token = token
        return next(self.pages, None)

    def state(self, polls):
        return State.DONE if polls >= 3 else State.PENDING


class PollingFlow(FlowSpec):
    max_polls = Parameter("max_polls", default=10)

    @step
    def start(self):
        self.polls = 0
        self.delay = 0.01
        self.history = []
        self.next(self.poll)

    @step
    def poll(self):
        """Recursive: goes to itself until there is something to do.

        (self.next(...) must be the last statement, so decide first.)
        """
        self.polls += 1
        state = FakeClient().state(self.polls)
        self.history += [(self.polls, state.value, self.delay)]
        if state is State.DONE:
            self.what = "fetch"
        elif self.polls >= self.max_polls or state is State.FAILED:
            self.what = "give_up"
        else:
            self.delay = min(self.delay * 2 * random.uniform(0.9, 1.1), 1)
            self.what = "again"
        self.next({"again": self.poll, "fetch": self.fetch, "give_up": self.give_up}, condition="what")

    @step
    def fetch(self):
        client, rows, token = FakeClient(), [], 0
        while (page := client.next(token)) is not None:
            rows.extend(page)
            token += 1
        self.rows = rows
        self.reason = ""
        self.next(self.end)

    @step
    def give_up(self):
        self.rows = []
        self.reason = f"no answer after {self.polls} polls"
        self.next(self.end)

    @step
    def end(self):
        if self.reason:
            print("gave up:", self.reason)
            return
        print(f"{current.run_id}: {len(self.rows)} rows after {self.polls} polls")
        for n, state, delay in self.history:
            print(f"  {n}. {state:8s} {delay:.3f}s")


if __name__ == "__main__":
    PollingFlow()
