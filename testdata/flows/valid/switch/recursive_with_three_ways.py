from metaflow import FlowSpec, step


class Agent(FlowSpec):
    """Loops over itself until it gives up or is satisfied."""

    @step
    def start(self):
        self.turns = []
        self.next(self.think)

    @step
    def think(self):
        self.turns.append(len(self.turns))
        self.verdict = "again" if len(self.turns) < 4 else "good"
        self.next(
            {"again": self.think, "good": self.answer, "bad": self.give_up},
            condition="verdict",
        )

    @step
    def answer(self):
        self.next(self.end)

    @step
    def give_up(self):
        self.next(self.end)

    @step
    def end(self):
        print(self.turns)


if __name__ == "__main__":
    Agent()
