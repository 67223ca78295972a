#!/usr/bin/env python
"""
Nightly sales ETL.

Reads the raw export of the shop, cleans it, loads it into a small SQLite file and reports
per-region totals.  Usage:

    python nightly_sales_etl.py run --min-amount 5
"""
import csv
import io
import logging
import os
import sqlite3
import tempfile
from collections import defaultdict
from contextlib import closing
from datetime import date, datetime

from metaflow import FlowSpec, Parameter, current, retry, step, timeout

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
logger = logging.getLogger("etl")

RAW = """order_id,region,amount,currency,ts
1,EMEA,10.50,EUR,2024-03-01T10:00:00
2,AMER,99.00,USD,2024-03-01T10:05:00
3,EMEA,,EUR,2024-03-01T10:06:00
4,APAC,7,JPY,2024-03-02T00:00:00
5,AMER,-3,USD,2024-03-02T01:00:00
not,a,row
6,EMEA,20,EUR,2024-03-02T02:00:00
"""

DDL = "create table if not exists sales (order_id integer primary key, region text, amount real, day text)"


def parse_row(row):
    # returns None for everything we do not want
    try:
        amount = float(row["amount"])
        ts = datetime.fromisoformat(row["ts"])
    except (TypeError, ValueError, KeyError) as e:
        logger.warning("dropping %s: %s", dict(row), e)
        return None
    return dict(order_id=int(row["order_id"]), region=row["region"], amount=amount, day=ts.date())


class NightlySalesETL(FlowSpec):
    """Extract, transform, load; one task each."""

    min_amount = Parameter("min-amount", help="ignore orders below", default=0.0, type=float)
    as_of = Parameter("as_of", default="2024-03-02")
    dry_run = Parameter("dry-run", is_flag=True, default=False, help="do not write")

    @step
    def start(self):
        logger.info("run %s by %s", current.run_id, current.username)
        self.as_of_date = date.fromisoformat(self.as_of)
        self.bad_rows = 0
        self.stats = {}
        self.next(self.extract)

    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=5)
    @step
    def extract(self):
        with io.StringIO(RAW) as fh:
            reader = csv.DictReader(fh)
            self.raw_rows = [row for row in reader]
        self.stats["extracted"] = len(self.raw_rows)
        self.next(self.transform)

    @step
    def transform(self):
        self.rows = []
        for raw in self.raw_rows:
            parsed = parse_row(raw)
            if parsed is None:
                self.bad_rows += 1
                continue
            if parsed["amount"] < self.min_amount: continue
            if parsed["day"] > self.as_of_date:
                break
            self.rows.append(parsed)
        del self.raw_rows  # big; do not carry it on
        self.stats["kept"], self.stats["bad"] = len(self.rows), self.bad_rows
        self.next(self.load)

    @step
    def load(self):
        fd, path = tempfile.mkstemp(suffix=".db")
        os.close(fd)
        try:
            with closing(sqlite3.connect(path)) as conn, conn:
                conn.execute(DDL)
                if not self.dry_run:
                    conn.executemany(
                        "insert into sales values (:order_id, :region, :amount, :day)",
                        [{**r, "day": r["day"].isoformat()} for r in self.rows],
                    )
                cur = conn.execute("select region, sum(amount), count(*) from sales group by region order by 1")
                self.by_region = {region: {"total": total, "n": n} for region, total, n in cur.fetchall()}
        finally:
            os.unlink(path)
        self.next(self.end)

    @step
    def end(self):
        totals = defaultdict(float)
        for region, v in self.by_region.items():
            totals[region] += v["total"]
        logger.info("stats %s, totals %s", self.stats, dict(totals))
        if not totals:
            print("nothing loaded")
            return
        best = max(totals, key=totals.get)
        print(f"best region: {best} with {totals[best]:.2f}")


if __name__ == "__main__":
    NightlySalesETL()
