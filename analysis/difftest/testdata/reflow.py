"""Prints valid Python that nobody writes: files of the interpreter with their lines broken elsewhere.

Each line of the output is one text as JSON. Python's own parser reads every one.
"""

import ast
import glob
import io
import json
import os
import random
import sysconfig
import tokenize

PLAIN = (tokenize.OP, tokenize.NAME, tokenize.NUMBER, tokenize.STRING)
FSTRING_START, FSTRING_END = getattr(tokenize, "FSTRING_START", -1), getattr(tokenize, "FSTRING_END", -1)


def reflow(source, rng):
    """Break lines inside brackets, after backslashes and between statements, at any column."""
    starts = [0]
    for line in io.StringIO(source):
        starts.append(starts[-1] + len(line))
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    out, last, depth, strings = [], 0, 0, 0
    for token, following in zip(tokens, tokens[1:]):
        strings += (token.type == FSTRING_START) - (token.type == FSTRING_END)
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
        if strings:
            continue
        added = ""
        if token.type == tokenize.NEWLINE and rng.random() < 0.05:
            added = rng.choice(["   \n", "\n\n", "\t\n", "# c\n", "         # def f(:\n", "\f\n"])
        elif token.type not in PLAIN or following.type not in PLAIN:
            continue
        elif depth and rng.random() < 0.15:
            added = "\n" + " " * rng.choice([0, 0, 1, 4, 9]) + rng.choice(["", "", "", "# c\n"])
            added = rng.choice([added, added, added, " \\\n" + added])
        elif not depth and rng.random() < 0.02:
            added = rng.choice([" \\\n", "\\\n        ", "\\\n\t"])
        if added:
            end = starts[token.end[0] - 1] + token.end[1]
            out += [source[last:end], added]
            last = end
    return "".join([*out, source[last:]])


def main():
    rng = random.Random(12)
    files = sorted(glob.glob(os.path.join(sysconfig.get_path("stdlib"), "*.py")))
    for path in files:
        if os.path.getsize(path) > 60_000:
            continue
        with open(path, encoding="utf-8") as f:
            text = reflow(f.read(), rng)
        try:
            ast.parse(text)
        except SyntaxError:
            continue  # a word was cut from its string's prefix, or the like
        print(json.dumps(text))


if __name__ == "__main__":
    main()
