"""Print what the installed Metaflow offers as one compact JSON document.

Run by tools/gencatalog with the project's interpreter. The output depends on
the Metaflow package alone: names are sorted, no path and no Python version
gets in, and user configuration is kept out (METAFLOW_* is dropped, the home
of the configuration is an empty folder).
"""

import os
import sys
import tempfile

for _key in [k for k in os.environ if k.startswith("METAFLOW_")]:
    del os.environ[_key]
_home = tempfile.mkdtemp(prefix="gencatalog")
os.environ["METAFLOW_HOME"] = _home
os.environ["METAFLOW_USER"] = "nobody"
sys.path[:] = [p for p in sys.path if p not in ("", os.getcwd())]

import ast  # noqa: E402
import inspect  # noqa: E402
import json  # noqa: E402
import re  # noqa: E402
import shutil  # noqa: E402
import types  # noqa: E402

import metaflow  # noqa: E402
from metaflow import cards, lint, parameters  # noqa: E402
from metaflow.decorators import Decorator, FlowDecorator, StepDecorator, step  # noqa: E402
from metaflow.includefile import IncludeFile  # noqa: E402
from metaflow.metaflow_current import Current  # noqa: E402
from metaflow.metaflow_version import get_version  # noqa: E402
from metaflow.parameters import Parameter  # noqa: E402
from metaflow.plugins import FLOW_DECORATORS, STEP_DECORATORS  # noqa: E402
from metaflow.user_configs.config_parameters import Config  # noqa: E402

# One sentence for those that Metaflow ships without a description of their own.
OWN_SUMMARIES = {
    "exit_hook": "Runs functions after the run has succeeded or failed.",
    "parallel": "Runs this step as a gang of tasks that start together; entered by `num_parallel`.",
    "pytorch_parallel": "Runs this step as a gang of tasks with PyTorch's rendezvous variables set.",
    "graph": "The structure of the flow that is being executed.",
    "get": "Returns an attribute of `current`, or the default when it is not set.",
    "name": "The name of the flow.",
    "index": "The zero-based index of this task in its foreach.",
}

# Arguments that hide in **kwargs.
OWN_ARGUMENTS = {
    "next": [
        {"name": "foreach", "type": "str", "help": "Name of the artifact to iterate over: one task of the target per item."},
        {"name": "num_parallel", "type": "int", "help": "Number of tasks of the @parallel target that start together."},
        {"name": "condition", "type": "str", "help": "Name of the artifact whose value chooses among the cases of a switch."},
    ],
    "Parameter": [
        {"name": "separator", "type": "str", "default": "None", "help": "Splits a string parameter into a list."},
    ],
}

# Modules that users import from metaflow on purpose; the others are internals
# that happen to be attributes of the package.
PUBLIC_MODULES = {"cards", "events", "plugins"}

HELP_LIMIT = 320  # characters of help kept for one argument, cut at a sentence

SECTION = re.compile(r"^(Parameters|Returns|Raises|Yields|MF Add To Current|Examples?)\n-{3,}[ \t]*$", re.M)


def sections(doc):
    """Split a numpy-style docstring: {"": prose, "Parameters": body, ...}."""
    out, name, last = {}, "", 0
    for m in SECTION.finditer(doc):
        out[name] = doc[last : m.start()].strip("\n")
        name, last = m.group(1), m.end()
    out[name] = doc[last:].strip("\n")
    return out


def own_doc(obj):
    """The docstring of a class, or "" when it is only the base class's."""
    doc = inspect.getdoc(obj) or ""
    if doc in {inspect.getdoc(c) for c in (Decorator, StepDecorator, FlowDecorator)}:
        return ""
    return doc


def flat(text):
    return re.sub(r"\s+", " ", text).strip()


def first_sentence(prose):
    para = flat(prose.strip().split("\n\n")[0])
    m = re.match(r"(.+?[.!?])(?=\s+[A-Z`]|$)", para)
    return (m.group(1) if m else para).rstrip(":")


def clip(text):
    text = flat(text)
    if len(text) <= HELP_LIMIT:
        return text
    cut = text[:HELP_LIMIT]
    end = max(cut.rfind(". "), cut.rfind("! "))
    return cut[: end + 1] if end > 0 else cut[: cut.rfind(" ")] + " …"


def entries(body):
    """Yield (name, rest of the headline, text) of a Parameters section."""
    lines, i = body.splitlines(), 0
    while i < len(lines):
        line = lines[i]
        i += 1
        m = re.match(r"^(\w+)\s*(?::\s*(.*))?$", line)
        if not m:
            continue
        head = m.group(2) or ""
        depth = head.count("[") - head.count("]")
        # A type may go over several lines; some have a bracket too few instead.
        while depth > 0 and i < len(lines) and not re.search(r",\s*(optional|default)\b", head):
            head += " " + lines[i].strip()
            depth += lines[i].count("[") - lines[i].count("]")
            i += 1
        text = []
        while i < len(lines) and (not lines[i].strip() or lines[i][0] in " \t"):
            text.append(lines[i])
            i += 1
        yield m.group(1), flat(head), "\n".join(text)


def type_of(head):
    """("str", "None") from "str, optional, default: None"."""
    default = ""
    m = re.search(r",\s*default\s*:?\s*(.*)$", head)
    if m:
        head, default = head[: m.start()], m.group(1).strip()
    head = re.sub(r",\s*optional\b", "", head)
    return head.strip().rstrip(","), default


def literal(value, typ):
    """A Python literal. Numbers that Metaflow keeps as strings become numbers."""
    if isinstance(value, str) and typ in ("int", "float") and re.fullmatch(r"\d+(\.\d+)?", value):
        return value
    if value is None or isinstance(value, (bool, int, float, str, list, dict, tuple)):
        return repr(value)
    return getattr(value, "__name__", type(value).__name__)


def put(out, **more):
    """Add only what is set, so that the document stays small."""
    for k, v in more.items():
        if v not in ("", None, False, [], {}):
            out[k] = v
    return out


def arguments(defaults, doc):
    """Arguments in the order of their documentation, undocumented ones last."""
    documented = {name: (head, text) for name, head, text in entries(sections(doc).get("Parameters", ""))}
    names = [n for n in documented if n in defaults]
    names += sorted(n for n in defaults if n not in documented)
    out = []
    for name in names:
        head, text = documented.get(name, ("", ""))
        typ, said = type_of(head)
        if not typ and defaults[name] is not None:
            typ = type(defaults[name]).__name__
        default = literal(defaults[name], typ)
        arg = put({"name": name}, type=typ, default=default, help=clip(text))
        if said and said not in ("None", default):
            arg["effective"] = said  # what stands in the documentation, e.g. a configuration variable
        out.append(arg)
    return out


def additions(doc):
    """The attributes that a decorator adds to `current`."""
    out, body = [], sections(doc).get("MF Add To Current", "")
    for part in re.split(r"(?m)^(?=\w+ -> )", body):
        m = re.match(r"(\w+) -> (.*)\n((?:.|\n)*)", part.strip() + "\n")
        if m:
            text = inspect.cleandoc("\n" + m.group(3)).split("@@")[0]
            out.append(put({"name": m.group(1)}, type=m.group(2).strip(), summary=first_sentence(text)))
    return out


def decorator(cls):
    doc = own_doc(cls)
    prose = sections(doc).get("", "")
    out = {"name": cls.name}
    put(
        out,
        summary=OWN_SUMMARIES.get(cls.name) or first_sentence(prose),
        multiple=cls.allow_multiple,
        parallel=getattr(cls, "IS_PARALLEL", False),
        args=arguments(cls.defaults, doc),
        current=additions(doc),
    )
    options = getattr(cls, "options", None) or {}
    put(
        out,
        options=[
            put({"name": n}, help=flat(o.get("help") or ""), flag=o.get("is_flag", False), multiple=o.get("multiple", False))
            for n, o in sorted(options.items())
        ],
    )
    return out


def decorators(classes):
    """Public decorators by name; the *_internal ones are scheduler plumbing."""
    return [decorator(c) for c in sorted(classes, key=lambda c: c.name) if not c.name.endswith("_internal")]


def signature_arguments(obj, skip=()):
    """Arguments of a function or class, from its signature and docstring."""
    func = obj.__init__ if inspect.isclass(obj) else obj
    documented = {n: (h, t) for n, h, t in entries(sections(inspect.getdoc(obj) or "").get("Parameters", ""))}
    names = {}
    for n, p in inspect.signature(func).parameters.items():
        if n != "self" and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and n not in skip:
            names[n] = "" if p.default is p.empty else literal(p.default, "")
    for n, (head, _) in documented.items():  # those that hide in **kwargs
        if n not in names and n not in skip and n in ("default", "show_default"):
            names[n] = literal(True, "") if type_of(head)[1] == "True" else "None"
    out = []
    for n, default in names.items():
        head, text = documented.get(n, ("", ""))
        out.append(put({"name": n}, type=type_of(head)[0], default=default, help=clip(text)))
    return out + OWN_ARGUMENTS.get(obj.__name__, [])


def construct(obj, skip=()):
    return put(
        {"name": obj.__name__},
        summary=first_sentence(sections(inspect.getdoc(obj) or "").get("", "")),
        args=signature_arguments(obj, skip),
    )


def returns(doc):
    for line in sections(doc).get("Returns", "").splitlines():
        if line.strip():
            return type_of(line)[0] + (" or None" if ", optional" in line else "")
    return ""


def members(cls, extra=()):
    """Public attributes that a class defines itself, as a user sees them."""
    out = []
    for name, value in sorted(vars(cls).items()):
        if name.startswith("_"):
            continue
        kind = "property" if isinstance(value, property) else "method" if callable(value) else ""
        if not kind:
            continue
        doc = inspect.getdoc(value) or ""
        if "Legacy function" in doc:
            continue
        out.append(
            put(
                {"name": name, "kind": kind},
                summary=OWN_SUMMARIES.get(name) or first_sentence(sections(doc).get("", "")),
                type=returns(doc),
                args=signature_arguments(value) if kind == "method" else [],
            )
        )
    return sorted(out + list(extra), key=lambda m: m["name"])


def exports():
    """Names for `from metaflow import …`."""
    plugin = {c.name for c in list(STEP_DECORATORS) + list(FLOW_DECORATORS)}
    flow_level = {c.name for c in FLOW_DECORATORS}
    out = []
    for name, value in sorted(vars(metaflow).items()):
        if name.startswith("_") or name == "EXT_PKG" or name.endswith("_internal"):
            continue
        if isinstance(value, types.ModuleType):
            if name not in PUBLIC_MODULES:
                continue
            kind = "module"
        elif name in plugin:
            kind = "flow decorator" if name in flow_level else "step decorator"
        elif name == "step":
            kind = "step decorator"
        elif inspect.isclass(value):
            kind = "class"
        elif inspect.isfunction(value):
            kind = "function"
        else:
            kind = "value"
        doc = "" if kind in ("module", "value") or name in plugin else inspect.getdoc(value) or ""
        out.append(put({"name": name, "kind": kind}, summary=clip(first_sentence(sections(doc).get("", "")))))
    return out


def literals(module, variable):
    """A list or set of strings that a module's source assigns to a variable."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == variable:
            try:
                return set(ast.literal_eval(node.value))
            except ValueError:
                continue
    raise SystemExit("gencatalog: %s has no literal %s any more" % (module.__name__, variable))


def catalog():
    reserved = literals(parameters, "reserved_params")
    return {
        "metaflow": get_version().split("+")[0],
        "marker": put(
            {"name": "step"},
            summary=first_sentence(inspect.getdoc(step)),
            args=signature_arguments(step, skip=("f",)),
        ),
        "step_decorators": decorators(STEP_DECORATORS),
        "flow_decorators": decorators(FLOW_DECORATORS),
        "current": members(Current),
        "flow_members": members(
            metaflow.FlowSpec, [{"name": "name", "kind": "property", "type": "str", "summary": OWN_SUMMARIES["name"]}]
        ),
        "constructs": [construct(c) for c in (Parameter, IncludeFile, Config)],
        "exports": exports(),
        "cards": sorted(n for n, v in vars(cards).items() if inspect.isclass(v) and not n.startswith("_")),
        "reserved_parameters": sorted(reserved | {p.replace("-", "_") for p in reserved}),
        "reserved_steps": sorted(literals(lint, "RESERVED")),
        "lint_checks": [f.__name__ for f in lint.linter._checks],
    }


def dump(value, indent=0):
    """JSON with one line per entry of the top-level lists: small, yet diffable."""
    compact = lambda v: json.dumps(v, ensure_ascii=False, separators=(",", ":"))  # noqa: E731
    lines = []
    for key, v in value.items():
        if isinstance(v, list) and v and isinstance(v[0], dict):
            lines.append("%s:[\n%s\n]" % (compact(key), ",\n".join(compact(e) for e in v)))
        else:
            lines.append("%s:%s" % (compact(key), compact(v)))
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    try:
        sys.stdout.buffer.write(dump(catalog()).encode("utf-8"))
    finally:
        shutil.rmtree(_home, ignore_errors=True)
