"""
Flow classes that build on each other: steps, parameters, constants and helpers come from bases.

    RegionalReport -> SalesReport -> BaseReport -> FlowSpec
"""
import collections
import string
import time

from metaflow import FlowSpec, Parameter, card, current, retry, step


class Persisted:
    """Mixin with state of its own."""

    def remember(self, **kw):
        for k in kw:
            setattr(self, "memo_" + k, kw[k])
        return self


class BaseReport(FlowSpec):
    title = Parameter("title", default="report")
    TEMPLATE = string.Template("$title: $body")
    SECTIONS = ["summary", "details"]

    def collect(self):
        return []

    def body(self, rows):
        return ", ".join(map(str, rows))

    def finish(self):
        self.rendered = self.TEMPLATE.substitute(title=self.title, body=self.body(self.rows))

    @step
    def start(self):
        self.started = time.time()
        self.rows = self.collect()
        self.next(self.section, foreach="SECTIONS")

    @retry(times=1, minutes_between_retries=0)
    @step
    def section(self):
        method = getattr(self, "section_" + self.input, None)
        self.section_name = self.input
        self.text = method() if method else ""
        self.next(self.assemble)

    def section_summary(self):
        return "%d rows" % len(self.rows)

    @step
    def assemble(self, inputs):
        self.sections = {i.section_name: i.text for i in inputs}
        self.rows = inputs[0].rows
        self.merge_artifacts(inputs, include=["started"])
        self.next(self.end)

    @step
    def end(self):
        self.finish()
        print(self.rendered)


class SalesReport(Persisted, BaseReport):
    minimum = Parameter("minimum", default=2)

    def collect(self):
        rows = super().collect()
        rows += [("north", 3), ("south", 1), ("west", 5)]
        self.dropped = [r for r in rows if r[1] < self.minimum]
        self.remember(dropped=len(self.dropped))
        return [r for r in rows if r not in self.dropped]

    def section_details(self):
        return "; ".join("%s=%d" % r for r in self.rows) + " (dropped %d)" % self.memo_dropped


class RegionalReport(SalesReport):
    """Only this one is run."""

    SECTIONS = SalesReport.SECTIONS + ["regions"]
    EXTRA = True

    def section_regions(self):
        return ",".join(sorted({name for name, _ in self.rows}))

    @card(type="blank")
    @step
    def assemble(self, inputs):
        # replaces the step of the base, and goes on elsewhere
        self.sections = collections.OrderedDict((i.section_name, i.text) for i in inputs)
        self.rows, self.started = inputs[0].rows, min(i.started for i in inputs)
        self.next(self.archive)

    @step
    def archive(self):
        self.took = time.time() - self.started
        self.archive_name = f"{self.title}-{current.run_id}"
        self.next(self.end)

    def finish(self):
        super().finish()
        self.rendered += " | " + " | ".join(f"{k}: {v}" for k, v in self.sections.items())
        assert self.took >= 0 and self.archive_name.startswith(self.title) and self.EXTRA


if __name__ == "__main__":
    RegionalReport()
