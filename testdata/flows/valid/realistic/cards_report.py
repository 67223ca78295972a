# Report with cards: one default, one with an id; components only from the standard package.
import collections
import datetime
import random
import textwrap

from metaflow import FlowSpec, Parameter, card, current, step
from metaflow.cards import Markdown, Table, Artifact, ProgressBar, VegaChart


def bar_chart(counts):
    return VegaChart(
        {
            "data": {"values": [{"k": k, "n": n} for k, n in counts.items()]},
            "mark": "bar",
            "encoding": {"x": {"field": "k", "type": "nominal"}, "y": {"field": "n", "type": "quantitative"}},
        }
    )


def add_section(title, *components):
    """Called from steps that have a card only."""
    current.card.append(Markdown(f"## {title}"))
    current.card.extend(components)


class TicketReportFlow(FlowSpec):
    """
    Weekly report over support tickets
    """

    weeks = Parameter("weeks", default=4)
    seed = Parameter("seed", default=11, show_default=True)

    @card
    @step
    def start(self):
        rng = random.Random(self.seed)
        today = datetime.date(2024, 6, 3)
        self.tickets = [
            dict(
                id=n,
                opened=today - datetime.timedelta(days=rng.randrange(7 * self.weeks)),
                kind=rng.choice(["billing", "login", "bug"]),
                hours=round(rng.expovariate(1 / 8), 1),
            )
            for n in range(60)
        ]
        add_section("Input", Table([[t["id"], str(t["opened"]), t["kind"]] for t in self.tickets[:5]], headers=["id", "opened", "kind"]))
        self.next(self.by_week, self.by_kind)

    @card(type="blank", id="progress", refresh_interval=1)
    @step
    def by_week(self):
        bar = ProgressBar(max=len(self.tickets), label="tickets")
        current.card["progress"].append(bar)
        weeks = collections.Counter()
        for done, t in enumerate(self.tickets, 1):
            weeks[t["opened"].isocalendar()[1]] += 1
            bar.update(done)
        current.card["progress"].refresh()
        self.weekly = dict(sorted(weeks.items()))
        self.next(self.merge)

    @step
    def by_kind(self):
        kinds = collections.defaultdict(list)
        for t in self.tickets:
            kinds[t["kind"]].append(t["hours"])
        self.mean_hours = {k: sum(v) / len(v) for k, v in kinds.items()}
        if "card" in current:
            current.card.append(Markdown("only with a card"))
        self.next(self.merge)

    @card(type="blank", id="charts")
    @card(type="default", id="summary", options={"only_repr": True})
    @step
    def merge(self, inputs):
        self.merge_artifacts(inputs)
        current.card["charts"].append(bar_chart(self.weekly))
        summary = current.card["summary"]
        summary.append(Markdown("# Summary"))
        summary.append(Artifact(self.mean_hours))
        self.slowest = max(self.mean_hours, key=self.mean_hours.__getitem__)
        self.next(self.end)

    @step
    def end(self):
        print(
            textwrap.dedent(
                f"""
                slowest kind: {self.slowest}
                weeks: {len(self.weekly)}
                """
            )
        )


if __name__ == "__main__":
    TicketReportFlow()
