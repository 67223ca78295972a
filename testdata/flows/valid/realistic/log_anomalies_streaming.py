"""Finds anomalies in web server logs. Generators, regular expressions, sliding windows; nothing lazy is stored."""
import collections
import datetime
import heapq
import ipaddress
import itertools
import logging
import re
import statistics as stats
from operator import itemgetter
from typing import Iterable, Iterator

from metaflow import FlowSpec, IncludeFile, Parameter, current, step

LINE = re.compile(r'(?P<ip>\S+) \[(?P<ts>[^\]]+)\] "(?P<method>[A-Z]+) (?P<path>\S+)" (?P<status>\d{3}) (?P<ms>\d+)')


def synthetic() -> Iterator[str]:
    t = datetime.datetime(2024, 5, 1, tzinfo=datetime.timezone.utc)
    for i in range(150):
        slow = 40 <= i < 45
        yield '10.0.0.%d [%s] "GET /item/%d" %d %d' % (i % 9 + 1, (t + datetime.timedelta(seconds=i)).isoformat(), i % 4, 500 if slow else 200, 900 if slow else 20 + i % 7)
        if i % 50 == 49:
            yield "garbage line"


def sliding(xs: Iterable, n: int):
    window = collections.deque(maxlen=n)
    for x in xs:
        window.append(x)
        if len(window) == n:
            yield tuple(window)


class LogAnomalyFlow(FlowSpec):
    source = IncludeFile("source", required=False, help="a log file; synthetic lines without it", is_text=True)
    window = Parameter("window", default=5)
    z = Parameter("z", default=3.0, help="how many deviations")
    path_filter = Parameter("path_filter", default="", help="regular expression")

    def lines(self):
        if self.source:
            yield from self.source.splitlines()
        else:
            yield from synthetic()

    def parsed(self):
        """A generator method: nothing of it is an artifact."""
        self.unparsed = 0
        for line in self.lines():
            m = LINE.match(line)
            if not m:
                self.unparsed += 1
                continue
            yield m.groupdict()

    @step
    def start(self):
        wanted = re.compile(self.path_filter) if self.path_filter else None
        entries = (e for e in self.parsed() if wanted is None or wanted.search(e["path"]))
        entries = ({**e, "status": int(e["status"]), "ms": int(e["ms"])} for e in entries)
        self.entries = list(entries)
        self.by_path = {k: [e["ms"] for e in g] for k, g in itertools.groupby(sorted(self.entries, key=itemgetter("path")), key=itemgetter("path"))}
        self.next(self.latency, self.errors, self.clients)

    @step
    def latency(self):
        ms = [e["ms"] for e in self.entries]
        mu, sigma = stats.fmean(ms), stats.pstdev(ms)
        means = ((i, stats.fmean(w)) for i, w in enumerate(sliding(ms, self.window)))
        self.spikes = [i for i, m in means if m > mu + self.z * sigma / 2]
        self.quantiles = stats.quantiles(ms, n=4)
        self.next(self.combine)

    @step
    def errors(self):
        bad = filter(lambda e: e["status"] >= 500, self.entries)
        self.error_paths = collections.Counter(map(itemgetter("path"), bad)).most_common(3)
        self.error_rate = sum(n for _, n in self.error_paths) / max(1, len(self.entries))
        self.next(self.combine)

    @step
    def clients(self):
        nets = collections.Counter(ipaddress.ip_network(f"{e['ip']}/29", strict=False) for e in self.entries)
        self.top_networks = heapq.nlargest(2, ((n, str(net)) for net, n in nets.items()))
        self.next(self.combine)

    @step
    def combine(self, inputs):
        self.findings = []
        if spikes := inputs.latency.spikes:
            self.findings.append(f"latency spikes at {spikes[0]}..{spikes[-1]}")
        if inputs.errors.error_rate > 0.01:
            self.findings.append(f"errors on {dict(inputs.errors.error_paths)}")
        self.merge_artifacts(inputs, exclude=["spikes"])
        self.next(self.end)

    @step
    def end(self):
        log = logging.getLogger(current.flow_name)
        log.warning("%d unparsed", self.unparsed)
        print(self.findings, self.quantiles, self.top_networks, len(self.by_path))


if __name__ == "__main__":
    LogAnomalyFlow()
