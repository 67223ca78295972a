"""
Data quality gate
=================

Runs checks against a SQLite snapshot, each check in its own task (foreach over a class constant), and only
continues to publishing when nothing critical failed.
"""
import dataclasses
import enum
import inspect
import json
import os
import sqlite3
import tempfile
import textwrap
import typing

from metaflow import FlowSpec, Parameter, catch, current, step, trigger


class Severity(enum.Enum):
    INFO = "info"
    CRITICAL = "critical"


@dataclasses.dataclass
class CheckResult:
    name: str
    passed: bool
    severity: Severity = Severity.INFO
    detail: str = ""

    def as_row(self):
        return {**dataclasses.asdict(self), "severity": self.severity.value}


def check(severity=Severity.INFO):
    """Decorator: marks a method as a check. Not Metaflow's."""

    def mark(f):
        f.severity = severity
        return f

    return mark


class Checks:
    """One method for each check: takes a connection, returns rows that are wrong."""

    @check(Severity.CRITICAL)
    def no_duplicate_keys(self, con):
        return con.execute("select id from t group by id having count(*) > 1").fetchall()

    @check()
    def names_are_set(self, con):
        return con.execute("select id from t where name is null or name = ''").fetchall()

    @check()
    def table_is_there(self, con):
        return con.execute("select * from not_there").fetchall()


@trigger(event="snapshot_ready")
class DataQualityFlow(FlowSpec):
    NAMES = tuple(name for name, f in inspect.getmembers(Checks, inspect.isfunction) if hasattr(f, "severity"))
    SQL = textwrap.dedent(
        """
        create table t (id integer, name text);
        insert into t values (1, 'a'), (2, ''), (3, 'c');
        """
    )
    strict = Parameter("strict", default=False)

    @step
    def start(self):
        handle, path = tempfile.mkstemp(suffix=".sqlite")
        os.close(handle)
        connection = sqlite3.connect(path)
        connection.executescript(self.SQL)
        connection.commit()
        connection.close()
        with open(path, "rb") as f:
            self.snapshot = f.read()
        os.unlink(path)
        self.next(self.run_check, foreach="NAMES")

    @catch(var="check_error", print_exception=False)
    @step
    def run_check(self):
        self.check_name = self.input
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "snapshot.sqlite")
            with open(path, "wb") as f:
                f.write(self.snapshot)
            con = sqlite3.connect(path)
            try:
                method = getattr(Checks(), self.check_name)
                wrong = method(con)
            finally:
                con.close()
        self.result = CheckResult(self.check_name, not wrong, method.severity, json.dumps(wrong))
        self.next(self.collect)

    @step
    def collect(self, inputs):
        results: typing.List[CheckResult] = []
        for i in inputs:
            if i.check_error:
                results.append(CheckResult(i.input, False, detail=str(i.check_error)))
            else:
                results.append(i.result)
        self.results = results
        self.critical = [r for r in results if not r.passed and (self.strict or r.severity is Severity.CRITICAL)]
        self.next(self.gate)

    @step
    def gate(self):
        self.open = not self.critical
        self.route = {True: "publish", False: "quarantine"}[self.open]
        self.next({"publish": self.publish, "quarantine": self.quarantine}, condition="route")

    @step
    def publish(self):
        self.published_as = f"{current.flow_name}-{current.run_id}"
        self.next(self.end)

    @step
    def quarantine(self):
        self.quarantine_reason = "; ".join(r.name for r in self.critical)
        self.next(self.end)

    @step
    def end(self):
        for r in self.results:
            print(("PASS" if r.passed else "FAIL"), json.dumps(r.as_row()))
        if self.open:
            print("published as", self.published_as)
        else:
            print("quarantined:", self.quarantine_reason)


if __name__ == "__main__":
    DataQualityFlow()
