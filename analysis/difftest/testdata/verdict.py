"""Answer, for one file after the other, what Metaflow's own linter says.

Usage: verdict.py [EXTENSIONS]. Reads {"file": path, "roots": [folder]} lines on standard input, writes one line per file:

    {"file": …, "error": "SyntaxError: …" or "", "flows": [
        {"flow": …, "bases": [flow classes of this file], "run": bool, "ok": bool,
         "check": lint function or "", "line": int or 0, "source": its file, "message": …, "crash": …}]}

The file is imported for real, so the graph is the one that Metaflow builds.
The checks run in the linter's order with the linter's gates, one by one, to
know which of them raised. "run" says that the file starts this flow when it is
executed as a script. A file that never ends is the caller's to kill.
"""

import ast
import contextlib
import importlib.util
import io
import json
import linecache
import os
import sys

sys.dont_write_bytecode = True
for key in [k for k in os.environ if k.startswith("METAFLOW_")]:
    del os.environ[key]
os.environ["METAFLOW_USER"] = "tester"

if len(sys.argv) > 1:  # a folder with Metaflow extensions; Metaflow looks for them along PYTHONPATH
    os.environ["PYTHONPATH"] = sys.argv[1]
    sys.path.insert(0, sys.argv[1])

answers = sys.stdout
sys.stdout = sys.stderr  # what the flows print must not mix with the answers

from metaflow.flowspec import FlowSpecMeta  # noqa: E402
from metaflow.lint import LintWarn, linter  # noqa: E402


created = []  # every flow class, in the order in which the class statements ran
init_flow = FlowSpecMeta.__init__


def remember(cls, *args, **kwargs):
    created.append(cls)
    init_flow(cls, *args, **kwargs)


FlowSpecMeta.__init__ = remember


def flows(module):
    """The flows of a module: what its names are bound to in the end.

    A flow mutator leaves an object of its own in place of the class, so that
    the last class statement of a name counts as well.
    """
    last = {cls.__name__: cls for cls in created if cls.__module__ == module.__name__}
    bound = list(vars(module).values())
    return [
        cls
        for cls in created
        if cls.__module__ == module.__name__ and hasattr(cls, "_graph")  # a class called FlowSpec gets none
        and (any(cls is v for v in bound) or last[cls.__name__] is cls and hasattr(module, cls.__name__))
    ]


def lint(cls):
    """Run every check on a flow class: (check, line, source, message, crash)."""
    for check in linter._checks:
        if not any(getattr(linter, attr) for attr in check.attrs):
            continue
        try:
            check(cls._graph)
        except LintWarn as e:
            return check.__name__, e.line_no or 0, e.source_file or "", e.message, ""
        except Exception as e:
            return check.__name__, 0, "", "", "%s: %s" % (type(e).__name__, e)
    return "", 0, "", "", ""


def started(source):
    """Names of the classes that are called on their own under a main guard or at top level."""
    with contextlib.suppress(SyntaxError, ValueError):
        return {
            n.value.func.id
            for n in ast.walk(ast.parse(source))
            if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call) and isinstance(n.value.func, ast.Name)
        }
    return set()


def load(path, name, roots):
    """Import a file under a unique name, away from all others; roots are further folders on the path."""
    linecache.clearcache()
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    before, argv = set(sys.modules), sys.argv
    path_before, folders = list(sys.path), [os.path.dirname(path)] + roots
    sys.path[:0] = folders
    sys.argv = [path]
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            spec.loader.exec_module(module)
        return module
    finally:
        sys.argv = argv
        sys.path[:] = path_before
        for extra in set(sys.modules) - before:
            at = getattr(sys.modules[extra], "__file__", None) or list(getattr(sys.modules[extra], "__path__", [""]))[0]
            if os.path.dirname(at) in folders or any(at.startswith(r + os.sep) for r in roots):
                del sys.modules[extra]  # a helper beside the flow: another folder may have its namesake


def verdict(path, number, roots):
    name = "flow_under_test_%d" % number
    created.clear()
    out = {"file": path, "error": "", "flows": []}
    try:
        module = load(path, name, roots)
    except BaseException as e:  # SystemExit included: a flow that starts at import
        out["error"] = "%s: %s" % (type(e).__name__, e)
        return out
    with open(path, "rb") as f:
        run = started(f.read())
    seen = flows(module)
    for cls in seen:
        check, line, source, message, crash = lint(cls)
        out["flows"].append(
            {
                "flow": cls.__name__,
                "bases": [b.__name__ for b in cls.__mro__[1:] if b in seen],
                "run": cls.__name__ in run,
                "ok": not check,
                "check": check,
                "line": line,
                "source": source,
                "message": message.replace("*", ""),
                "crash": crash,
            }
        )
    return out


if __name__ == "__main__":
    checks = [{"name": c.__name__, "on": any(getattr(linter, a) for a in c.attrs)} for c in linter._checks]
    print(json.dumps({"checks": checks}), file=answers, flush=True)
    for number, line in enumerate(sys.stdin):
        asked = json.loads(line)
        print(json.dumps(verdict(asked["file"], number, asked.get("roots", []))), file=answers, flush=True)
