"""Answer, for one flow file after the other, whether Metaflow takes its parameters and class attributes.

Reads {"file": path} lines on standard input, writes one line per file:

    {"file": …, "error": the end of what was printed, "" if all went well, "values": {attribute: repr}}

`run` is started in a fork of this process, as it would be from a shell: the
class statement, the options of click, the checks and conversions of parameters,
and the constants being stored. It ends before the first step.
"""

import json
import os
import runpy
import shutil
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
for key in [k for k in os.environ if k.startswith("METAFLOW_")]:
    del os.environ[key]
os.environ["METAFLOW_USER"] = "tester"

import metaflow.package  # noqa: E402,F401  what `run` needs, imported once
from metaflow import FlowSpec  # noqa: E402
from metaflow.runtime import NativeRuntime  # noqa: E402

# metaflow.cli makes its options from the flow when it is imported: only the fork may do that.
assert "metaflow.cli" not in sys.modules


class Reached(BaseException):
    pass


def child(file, write):
    home = tempfile.mkdtemp()
    out = open(os.path.join(home, "out"), "w+", errors="surrogateescape")
    os.dup2(out.fileno(), 1)
    os.dup2(out.fileno(), 2)
    os.chdir(os.path.dirname(file))
    os.makedirs(".metaflow", exist_ok=True)  # else that of a folder above would be taken
    answer = {"file": file, "error": "", "values": {}}
    set_constants = FlowSpec._set_constants

    def constants(self, *args):
        set_constants(self, *args)
        answer["values"] = {var: repr(self.__dict__.get(var)) for var, _ in self._get_parameters()}

    def execute(self):
        raise Reached

    FlowSpec._set_constants = constants
    NativeRuntime.execute = execute
    sys.argv = [file, "--quiet", "--no-pylint", "run"]
    code = 0
    try:
        runpy.run_path(file, run_name="__main__")
        code = "the flow did not run"
    except Reached:
        pass
    except SystemExit as e:
        code = e.code or "the flow did not run"
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    if code:
        out.seek(0)
        answer["error"] = out.read()[-600:].strip() or str(code)
    shutil.rmtree(home, ignore_errors=True)
    write.write(json.dumps(answer))
    write.flush()


def run(file):
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        said = os.dup(2)
        try:
            os.close(r)
            child(file, os.fdopen(w, "w"))
        except BaseException:
            os.write(said, traceback.format_exc().encode())
        finally:
            os._exit(0)
    os.close(w)
    with os.fdopen(r) as f:
        answer = f.read()
    status = os.waitpid(pid, 0)[1]
    if not answer:
        sys.exit(f"{file}: no answer, wait status {status}")
    return answer


for line in sys.stdin:
    sys.stdout.write(run(json.loads(line)["file"]) + "\n")
    sys.stdout.flush()
