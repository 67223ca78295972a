"""Answer, for one flow after the other, whether Metaflow accepts its decorators.

Reads {"source": …, "environment": …, "datastore": …} lines on standard input, writes one line for each:
{"stage": "import" or "init" or "", "error": "Type: message"}. The class statement runs, and then the hooks that any
command such as `check` runs before its linter; of the datastore these hooks read only its type.
"""

import contextlib
import json
import os
import sys
import tempfile

sys.dont_write_bytecode = True
for key in [k for k in os.environ if k.startswith("METAFLOW_")]:
    del os.environ[key]
os.environ["METAFLOW_USER"] = "tester"
answers, sys.stdout = sys.stdout, sys.stderr

from metaflow import decorators  # noqa: E402
from metaflow.metaflow_environment import MetaflowEnvironment  # noqa: E402
from metaflow.plugins import ENVIRONMENTS, METADATA_PROVIDERS  # noqa: E402


class Datastore:
    def __init__(self, kind):
        self.TYPE = kind


def quiet(*args, **kwargs):
    pass


def create(source, folder, number):
    """Run the file; its last flow."""
    path = os.path.join(folder, "flow_%d.py" % number)
    with open(path, "w", encoding="utf-8") as f:
        f.write(source)
    module = {"__name__": "flow_%d" % number, "__file__": path}
    exec(compile(source, path, "exec"), module)
    return module["F"]


def start(cls, question):
    flow = cls(use_cli=False)
    environment = next(e for e in ENVIRONMENTS + [MetaflowEnvironment] if e.TYPE == question["environment"])(flow)
    metadata = next(m for m in METADATA_PROVIDERS if m.TYPE == "local")(environment, flow, None, None)
    store = Datastore(question["datastore"])
    decorators._init_flow_decorators(flow, flow._graph, environment, store, metadata, quiet, quiet, {}, False, False)
    decorators._init_step_decorators(flow, flow._graph, environment, store, quiet, False, False)


def answer(question, folder, number):
    stage = "import"
    try:
        with contextlib.redirect_stderr(open(os.devnull, "w")):
            cls = create(question["source"], folder, number)
            stage = "init"
            start(cls, question)
    except Exception as e:
        return {"stage": stage, "error": "%s: %s" % (type(e).__name__, e)}
    return {"stage": "", "error": ""}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for number, line in enumerate(sys.stdin):
            print(json.dumps(answer(json.loads(line), folder, number)), file=answers, flush=True)
