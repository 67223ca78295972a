"""Run flows in forks of a Python that has imported Metaflow once.

Usage: python -c 'exec(__import__("sys").argv.pop(), {})' FOLDER "$(cat forks.py)"

Writes FOLDER/python, which is executed like the interpreter: `FOLDER/python flow.py check`. It hands its arguments,
folder, environment and standard streams to this process and ends as the fork ends that runs the script. What the fork
starts with `sys.executable`, such as the tasks of a run, goes the same way. Nobody sees a difference to a new process:
the fork has imported `metaflow`, the first thing that a flow does, and nothing else. A command whose environment says
something else to that import, or that is not a script, is executed by the interpreter itself.

Each command has a keeper, a fork as well, which leads the session of all that the command starts and ends it with the
command. Ends when its standard input does, and takes the folder away.
"""

import os
import sys

folder = sys.argv[1]
sys.path.pop(0)  # the folder of -c, which the one of a script takes
before = set(os.environ)
os.chdir(folder)
import metaflow  # noqa: E402,F401

# The import read these; with other values it would have ended elsewhere.
SAID = ("METAFLOW", "PYTHON", "DISABLE_TRACING", "LC_ALL")
# What each task is told in a run, which no import reads.
FREE = {"METAFLOW_RUN_ID", "PYTHONUNBUFFERED"}
left = {k: v for k, v in os.environ.items() if k not in before}  # by the import
# metaflow.cli makes its options from the flow when it is imported: only a fork may do that.
assert "metaflow.cli" not in sys.modules

import array  # noqa: E402
import importlib.machinery  # noqa: E402
import io  # noqa: E402
import marshal  # noqa: E402
import selectors  # noqa: E402
import shutil  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402

assert threading.active_count() == 1

# Started without the modules of the environment, which takes a tenth of the time.
SHIM = """#!%s -IS
import _socket, marshal, os, signal, sys
python, args = %r, sys.argv[1:]
answer = b"x"
if args and not args[0].startswith("-"):
    to = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    to.connect(os.path.join(os.path.dirname(sys.argv[0]), "socket"))
    asked = marshal.dumps((args, os.getcwd(), dict(os.environ)))
    streams = b"".join(fd.to_bytes(4, sys.byteorder) for fd in range(3))
    to.sendmsg([len(asked).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    to.sendall(asked)
    answer = to.recv(16)
if answer == b"x":
    os.execv(python, [python] + args)
if not answer:
    sys.exit("the process that runs %%s is gone" %% args)
code = int(answer)
if code < 0:
    signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
    os.kill(os.getpid(), -code)
os._exit(code)
"""


def door(at):
    """Make a folder with the shim and the socket that it goes to."""
    path = os.path.join(at, "python")
    with open(path, "w") as f:
        f.write(SHIM % (sys.executable, sys.executable))
    os.chmod(path, 0o755)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(at, "socket"))
    listener.listen(64)
    return listener


class Question:
    """What a shim asks for."""

    def __init__(self, connection):
        self.connection = connection
        size, found, _, _ = connection.recvmsg(8, socket.CMSG_SPACE(12))
        self.streams = array.array("i", found[0][2])
        data, size = b"", int.from_bytes(size, "big")
        while len(data) < size:
            data += connection.recv(size - len(data))
        self.args, self.cwd, self.env = marshal.loads(data)

    def fits(self):
        """Whether a new process would have imported the same."""
        said = [{k: v for k, v in e.items() if k.startswith(SAID) and k not in FREE} for e in ({**left, **self.env}, os.environ)]
        return said[0] == said[1]

    def answer(self, text):
        try:
            self.connection.sendall(text.encode())
        except OSError:
            pass  # it does not wait any more
        self.close()

    def close(self):
        self.connection.close()
        for fd in self.streams:
            os.close(fd)
        self.streams = []


def keep(question, at):
    """Fork for a command and for what its forks ask for, until it ends. Returns in the forks, with their questions."""
    os.setsid()
    os.mkdir(at)
    listener = door(at)
    woken, wake = os.pipe()
    for fd in (woken, wake):
        os.set_blocking(fd, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    ready = selectors.DefaultSelector()
    ready.register(listener, selectors.EVENT_READ)
    ready.register(woken, selectors.EVENT_READ)
    asked, first = {}, None
    while True:
        if question:
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                return question
            first = first or pid
            asked[pid] = question
            ready.register(question.connection, selectors.EVENT_READ, pid)
            question = None
        for key, _ in ready.select():
            if key.fileobj is listener:
                question = Question(listener.accept()[0])
                if not question.fits():
                    question.answer("x")
                    question = None
                break  # the rest is still there the next time
            if key.fileobj != woken:  # the shim was killed
                ready.unregister(key.fileobj)
                os.kill(key.data, signal.SIGKILL)
                continue
            os.read(woken, 4096)
            while asked:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                ended = asked.pop(pid)
                if ended.connection in ready.get_map():
                    ready.unregister(ended.connection)
                ended.answer(str(os.waitstatus_to_exitcode(status)))
                if pid == first:
                    shutil.rmtree(at, ignore_errors=True)
                    os.killpg(0, signal.SIGKILL)


def serve():
    """Fork a keeper for each command. Returns in the forks that run one, with what to run and the folder of their shim."""
    listener, count = door("."), 0
    print("ready", flush=True)
    ready = selectors.DefaultSelector()
    ready.register(listener, selectors.EVENT_READ)
    ready.register(0, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            if key.fileobj == 0:
                shutil.rmtree(folder, ignore_errors=True)
                os._exit(0)
            question = Question(listener.accept()[0])
            if not question.fits():
                question.answer("x")
                continue
            count += 1
            if os.fork() == 0:
                at = os.path.join(folder, str(count))
                return keep(question, at), at
            question.close()
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


def become(question, at):
    """Be the process that the interpreter would have started."""
    for to, fd in enumerate(question.streams):
        os.dup2(fd, to)
    os.closerange(3, 1024)
    os.chdir(question.cwd)
    os.environ.clear()
    os.environ.update({**left, **question.env})
    if os.environ.get("PYTHONUNBUFFERED"):
        for fd, name in ((1, "stdout"), (2, "stderr")):
            old = getattr(sys, name)
            new = io.TextIOWrapper(io.FileIO(fd, "w", closefd=False), old.encoding, old.errors, write_through=True)
            setattr(sys, name, new)
            setattr(sys, "__%s__" % name, new)
    tempfile.tempdir = None
    sys.executable = os.path.join(at, "python")
    sys.argv = question.args
    path = os.path.abspath(sys.argv[0])
    sys.path.insert(0, os.path.dirname(os.path.realpath(path)))
    main = vars(sys.modules["__main__"])
    main.update(__file__=path, __cached__=None, __loader__=importlib.machinery.SourceFileLoader("__main__", path))
    try:
        with open(path, "rb") as f:
            source = f.read()
        exec(compile(source, path, "exec", dont_inherit=True), main)
    except SystemExit:
        raise
    except BaseException as e:
        e = e.with_traceback(e.__traceback__.tb_next)  # without this frame
        sys.excepthook(type(e), e, e.__traceback__)
        sys.exit(1)


become(*serve())
