from __future__ import print_function

import copy
import json
import logging
import os
import os.path as osp
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from datetime import datetime as DateTime
from glob import glob
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Dict, Iterator

import metaflow
from metaflow import FlowSpec as Flow
from metaflow import Parameter as Param
from metaflow import retry as again
from metaflow import step as task

logger = logging.getLogger()

INVOICE = "<invoice no='{0}'><date>{1}</date><line qty='2' price='{2}'/><line qty='1' price='0.5'/>{3}</invoice>"


@contextmanager
def scratch_dir() -> Iterator[str]:
    d = mkdtemp()
    try:
        yield d
    finally:
        rmtree(d)


def to_dict(root: ET.Element) -> Dict[str, Any]:
    def text(tag, default=None):
        node = root.find(tag)
        return default if node is None else node.text

    lines = [(float(x.get("qty", 0)), float(x.get("price", 0))) for x in root.iter("line")]
    return {
        "no": root.attrib["no"],
        "date": DateTime.strptime(text("date"), "%Y-%m-%d").date().isoformat(),
        "total": sum(q * p for q, p in lines),
        "currency": text("currency", "EUR"),
    }


class InvoiceFlow(Flow):
    """All of Metaflow's names are imported under other names here."""

    pattern = Param("pattern", default="*.xml")
    batch_size = Param("batch_size", default=2)

    @task
    def start(self):
        self.xml = {}
        with scratch_dir() as d:
            for n, date in enumerate(["2024-01-05", "2024-02-30", "2024-03-01", "2024-03-02"]):
                extra = "<currency>USD</currency>" if n % 2 else ""
                with open(osp.join(d, "%02d.xml" % n), "w") as f:
                    f.write(INVOICE.format(n, date, 10 * n, extra))
            for path in sorted(glob(os.path.join(d, self.pattern))):
                with open(path) as fh:
                    self.xml[osp.basename(path)] = fh.read()
        names = list(self.xml)
        self.batches = [names[i:i + self.batch_size] for i in range(0, len(names), self.batch_size)]
        self.next(self.parse, foreach="batches")

    @again(times=1)
    @task
    def parse(self):
        self.invoices, self.rejected = [], {}
        for name in self.input:
            root = ET.fromstring(self.xml[name])
            try:
                self.invoices.append(to_dict(root))
            except (ValueError, KeyError) as err:
                self.rejected[name] = repr(err)
        self.next(self.gather)

    @task
    def gather(self, inputs):
        self.invoices = []
        self.rejected = {}
        for branch in inputs:
            self.invoices.extend(copy.deepcopy(branch.invoices))
            self.rejected.update(branch.rejected)
        self.next(self.fan_out)

    @task
    def fan_out(self):
        self.next(self.totals, self.export)

    @task
    def totals(self):
        result = {}
        for inv in self.invoices:
            result[inv["currency"]] = result.get(inv["currency"], 0) + inv["total"]
        self.totals_by_currency = result
        self.next(self.close)

    @task
    def export(self):
        self.document = json.dumps({"invoices": self.invoices, "by": metaflow.current.flow_name}, indent=1)
        self.next(self.close)

    @task
    def close(self, branches):
        self.merge_artifacts(branches)
        self.next(self.end)

    @task
    def end(self):
        print(self.totals_by_currency, len(self.document), self.rejected)
        logger.info("%d invoices", len(self.invoices))


if __name__ == "__main__":
    InvoiceFlow()
