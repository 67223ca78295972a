"""Print the messages in metaflow/lint.py as JSON: {"check": ["template with %s or {0.name}", …]}."""

import ast
import importlib.util
import json
import os

package = importlib.util.find_spec("metaflow").submodule_search_locations[0]
with open(os.path.join(package, "lint.py"), encoding="utf-8") as f:
    module = ast.parse(f.read())


def text(node):
    """The template that a string stands for; a hole for each value of an f-string."""
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
    return node.value


def strings(node):
    """Strings that read like a message, those of nested functions included."""
    if isinstance(node, ast.JoinedStr) or isinstance(node, ast.Constant) and isinstance(node.value, str):
        if len(text(node).split()) > 3:
            yield text(node)
        return
    for child in ast.iter_child_nodes(node):
        yield from strings(child)


print(json.dumps({
    f.name: list(strings(f)) for f in module.body if isinstance(f, ast.FunctionDef) and f.name.startswith("check_")
}))
