"""Prints statements that a grammar may accept and Python's compiler may not, with what Python says of each.

Each line of the output is {"text", "error"} as JSON, the error empty if the text compiles. The first argument is
how many.
"""

import json
import random
import sys
import warnings

TARGETS = ["a", "a.b", "a[0]", "(a)", "a, b", "(a, b)", "[a, b]", "*a, b", "*a", "a, *b, *c", "()", "[]", "(a,)", "f()", "a + b", "1",
           "None", "'s'", "(a, f())", "[a, [b, c]]", "__debug__", "-a", "a if b else c", "lambda: a", "{}", "(a.b)", "(*a, b)", "not a",
           "f'{a}'", "a < b", "(a, b), c", "x"]
MANAGERS = ["a", "a.b", "f(a)", "(a)", "(a, b)", "a[0]"]
BOUND = [t for t in TARGETS if t not in ("a if b else c", "a, *b, *c")]
CAUGHT = ["a", "a.b", "a[0]", "(a)", "f()", "1", "None"]
DELETED = [t for t in TARGETS if t != "__debug__"]  # CPython 3.11 crashes on it
VALUES = ["a", "f(a)", "*a", "*a, b", "*a.b", "*f(a)", "*a[b], c", "*a | b", "(*a.b, c)", "[*f(a)]", "(*a)", "(*a,)", "[*a]", "{*a}", "(a for a in b)", "[a for a in b]", "[*a for a in b]",
          "{*a for a in b}", "{a: b for a in b}", "{a: *b}", "a, b", "(yield)", "yield a", "yield *a", "yield *a, b", "(yield from a)", "await a",
          "[await a for a in b]", "(await a for a in b)", "[a async for a in b]", "(a async for a in b)", "{a: b async for a in b}",
          "[(yield a) for a in b]", "[a for a in (yield b)]", "lambda: (yield)", "lambda: await a", "lambda **k, a: a", "lambda *: a",
          "lambda *, a: a", "lambda a=1, b: a", "lambda a, a: a", "lambda /, a: a", "lambda a, /: a", "a := b", "(a := b)", "f(a := b)",
          "f(a=b := c)", "f(a=(b := c))", "f(a for a in b)", "f(a for a in b, 1)", "f(a for a in b, c=1)", "f((a for a in b), 1)",
          "[a for a in b, c]", "[a for a, in b]", "[a for a, *b, *c in d]", "[a for *a in b]", "f(*a)", "f(*a, **b)", "f(**a, *b)",
          "f(a=1, *b)", "f(a=1, b)", "f(a as b)", "a as b", "f'{a!z}'", "f'{a!r}'", "f'{a!s:>{b!q}}'", "f'{a!a:>{b!r}}'",
          "f'{a=!r}'", "'\\x4'", "'\\x41'", "r'\\x4'", "b'\\x4'", "b'\\u1'", "b'\\N'", "'\\u00e'", "'\\u00e9'", "'\\U0010FFFF'",
          "'\\U00110000'", "'C:\\Users\\a'", "'\\N{BULLET}'", "'\\N{}'", "'\\N'", "'\\Na'", "'\\d\\8\\777'", "'\\\\x4'", "'\\\\\\x4'", "f'\\x4{a}'",
          "f'{a}\\u1'", "f'\\N{BULLET}{a}'", "'''\n\\x4'''", "'\\\n\\x41'", "u'\\x4'", "rb'\\x'", "'a' b'b'", "b'a' b'b'", "b'a' f'b'", "'a' r'\\x' u'b'",
          "a <> b", "10L", "0xFFl", "0o17", "a[*b]", "a[b:=1]", "a[b, *c]", "not a", "{**a}", "{**a, 'b': 1}", "a if b else c", "{a: b := 1}",
          "{a := 1}", "[a := 1, b]", "a[b:c]", "(a, (b := c))"]
PASSED = [v for v in VALUES if v != "(*a)"]  # Python 3.8 passes it
STATEMENTS = ["{t} = {v}", "{t} = {t} = {v}", "{t} += {v}", "{t}: int = {v}", "{t}: int", "a = {t} += {v}", "a += {t} = {v}", "a = b: int = {v}",
              "a: int = b = {v}", "del {d}", "del {d}, {d}", "{v}", "f({c})", "return {v}", "return", "assert {v}", "assert a, {v}",
              "assert a, b, {v}", "raise {v}", "for {t} in {v}: pass", "async for {t} in {v}: pass", "for {t} in {v}:\n    break\nelse: pass",
              "with {w} as {b}: pass", "with {w} as {b}, a as b: pass", "with ({w} as {b}): pass", "with ({w} as {b}, a as b,): pass",
              "async with {w} as {b}: pass", "async with a: pass", "with (a, b): pass", "with (a): pass", "with a, b as c: pass",
              "if {v}: pass", "while {v}: pass", "while {v}: continue", "try: pass\nexcept: pass\nexcept A: pass",
              "try: pass\nexcept A: pass\nexcept: pass", "try: pass\nexcept: pass\nelse: pass\nfinally: pass", "try: pass\nexcept A as {e}: pass",
              "try: pass\nexcept {w}: pass", "from a import *", "from __future__ import annotations", "from __future__ import {f}",
              "from a import b, c", "import a.b as c", "def q({p}): pass", "def q({p}): return {v}", "async def q({p}): return {v}",
              "lambda {p}: a", "class A: {v}", "class A({c}): pass", "class A:\n    return 1", "class A:\n    from a import *",
              "class A:\n    def q(self): yield {v}", "class A:\n    async def q(self):\n        async with {w} as {b}: pass", "def q(a={c}): pass",
              "@f\ndef q(): pass", "match a:\n    case {m}: pass\n    case {m}: pass", "match a:\n    case {m}: pass",
              "match a:\n    case {m} if b: pass\n    case {m}: pass", "match a:\n    case {n} | {n}: pass\n    case {m}: pass",
              "global {g}", "nonlocal {g}", "x = 1\nglobal x", "global x\nx = 1", "global x\nglobal x", "print(x)\nglobal x, y",
              "y[0].x = 1\nglobal x", "f(x=1)\nglobal x", "[x for x in y]\nglobal x", "lambda x: x\nglobal x", "def x(): pass\nglobal x",
              "import x\nglobal x", "for x in y: pass\nglobal x", "x: int = 1\nglobal x", "if a:\n    x += 1\nglobal x",
              "def q(x):\n    global x", "def q(*x):\n    nonlocal x", "def q(y=x):\n    global x", "def q():\n    nonlocal x",
              "x = 1\ndef q():\n    nonlocal x", "def q():\n    nonlocal x\n    x = 1\n    def r():\n        nonlocal x",
              "def q():\n    x = 1\n    def r():\n        nonlocal x\n        x = 2", "def q():\n    x = 1\n    class A:\n        nonlocal x\n        x = 2",
              "def q():\n    class A:\n        x = 1\n        def r(self):\n            nonlocal x", "def q(x):\n    def r():\n        nonlocal x",
              "def q():\n    import x\n    def r():\n        nonlocal x", "def q():\n    (x := 1)\n    lambda: x\n    def r():\n        x\n        nonlocal x",
              "class A:\n    def q(self):\n        nonlocal __class__", "class A:\n    nonlocal x", "class A:\n    x = 1\n    global x",
              "class A:\n    global x\n    x = 1", "def q():\n    with a as x: pass\n    def r():\n        nonlocal x",
              "def q():\n    try: pass\n    except A as x: pass\n    def r():\n        nonlocal x", "break", "continue", "yield", "pass", "await a",
              "x = 1", "'s'"]
PARAMETERS = ["", "a", "a, b=1", "a=1, b", "*", "*, a", "*, **k", "*, a=1, b", "*a, b", "*a, *b", "*a, *, b", "**k", "**k, a", "**k, *a", "**k, **l",
              "a, /", "/, a", "a, /, b, /", "*, a, /", "*a, /", "a, /, *, b", "a, a", "a, *a", "a, **a", "(a, b)", "a, (b, c)=1", "a: int", "a: int = 1",
              "a: int = 1, b: int", "*a: int", "**k: int", "**k: int, a", "*a: int, b, **k", "a=1, /, b", "a=1, /, b=1", "*,", "a, *,", "**k,", "a,",
              "__debug__", "a=1, *, b"]
PATTERNS = ["a", "_", "1", "-1", "a.b", "(a)", "(_)", "((a))", "(a,)", "a,", "a, b", "[a]", "*_, 1", "[*_]", "'s'", "None", "1 | 2", "1 | _", "_ | 1",
            "(1 | _)", "a as b", "_ as b", "1 as b", "(_ as b)", "A()", "A(x=1)", "{{}}", "{{'a': 1}}", "{{**r}}", "(1)", "(1 as c)", "(a as b) as c"]
UNBINDING = ["1", "'s'", "None", "_", "(_)", "(1)", "a.b", "[*_]", "[1, _]", "A()", "A(x=1)", "{{'a': 1}}"]
FUTURES = ["division", "annotations, division", "(division, annotations)", "annotations as a", "anotations", "print_function", "*", "braces"]
NAMES = ["x", "x, y", "q", "f", "a"]
PLACES = ["", "'doc'\n", "'doc'\nfrom __future__ import division\n", "import a\n", "# c\n", "def f():\n", "async def f():\n", "class C:\n",
          "class C:\n    def f(self):\n", "class C:\n    async def f(self):\n", "def f():\n    def g():\n", "async def f():\n    def g():\n",
          "def f():\n    async def g():\n", "def f():\n    class C:\n", "for i in j:\n", "def f():\n    for i in j:\n", "if a:\n", "def f(x):\n"]


CHOICES = {"t": TARGETS, "d": DELETED, "v": VALUES, "w": MANAGERS, "b": BOUND, "e": CAUGHT, "p": PARAMETERS, "m": PATTERNS, "n": UNBINDING,
           "c": PASSED, "f": FUTURES, "g": NAMES}


def statement(rng):
    s = rng.choice(STATEMENTS)
    for key, choices in CHOICES.items():
        while "{" + key + "}" in s:
            s = s.replace("{" + key + "}", rng.choice(choices).replace("{{", "{").replace("}}", "}"), 1)
    return s


def main():
    warnings.simplefilter("ignore")
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 5)
    for _ in range(int(sys.argv[1])):
        place = rng.choice(PLACES)
        last = place.rstrip("\n").rpartition("\n")[2]
        indent = " " * (len(last) - len(last.lstrip()) + 4) if last.endswith(":") else ""
        text = place + "".join(indent + line + "\n" for line in statement(rng).split("\n"))
        try:
            compile(text, "x.py", "exec", dont_inherit=True)
            error = ""
        except (SyntaxError, ValueError) as e:
            error = str(e)
        print(json.dumps({"text": text, "error": error}))


main()
