"""Prints what Metaflow's own client knows of all runs below a data store, as JSON."""

import json
import sys

import metaflow
from metaflow import Metaflow, namespace


def plain(value):
    """The value where it is small and simple, else nothing."""
    return repr(value) if value is None or isinstance(value, (bool, int, float, str)) else None


def artifact(a):
    data = a.data
    kind = type(data)
    name = kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__
    return {"type": name, "size": a.size, "sha": a.sha, "value": plain(data)}


def exception(task):
    e = task.exception
    return None if e is None else {"type": e.type, "message": e.exception, "stacktrace": e.stacktrace}


def own_metadata(task):
    """What the task itself recorded: for a cloned one the client mixes in its origin's."""
    found = task._metaflow.metadata.get_object("task", "metadata", None, None, *task.path_components) or []
    return sorted([m["field_name"], str(m["type"]), text(m["value"]), m["ts_epoch"]] for m in found)


def text(value):
    return value if isinstance(value, str) else json.dumps(value)


def listed(value):
    """The local provider keeps a list, the service its text."""
    return json.loads(value) if isinstance(value, str) else value or []


def task(t):
    known = t.metadata_dict
    return {
        "finished": bool(t.finished),
        "successful": bool(t.successful),
        "attempt": t.current_attempt,
        "exception": exception(t),
        "foreach_path": known.get("foreach-execution-path", ""),
        "foreach_values": listed(known.get("foreach-stack")),
        "origin_run": "" if known.get("origin-run-id", "None") == "None" else known["origin-run-id"],
        "origin_task": known.get("origin-task-id", ""),
        "artifacts": {a.id: artifact(a) for a in t if not a.id.startswith("_") and a.id != "name"},
        "metadata": own_metadata(t),
    }


def run(r):
    return {
        "tags": sorted(r.user_tags),
        "finished": r.finished,
        "successful": r.successful,
        "steps": {s.id: {t.id: task(t) for t in s} for s in r},
    }


def main():
    namespace(None)
    spins = sys.argv[1:]
    known = {"runs": {r.pathspec: run(r) for f in Metaflow() for r in f}, "spins": {}}
    if spins:
        metaflow.inspect_spin(spins[0])
        namespace(None)
        known["spins"] = {r.pathspec: run(r) for f in Metaflow() for r in f}
    json.dump(known, sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
