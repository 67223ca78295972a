package syntax_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// modern are valid statements of Python 3.8 to 3.14: none may be reported.
var modern = []string{
	"def f[T](x: T) -> T: return x", "type X[T] = list[T]", "class A[T, *Ts, **P]: pass",
	"try:\n  pass\nexcept* ValueError as e:\n  pass", "x = f'{a!r:>{w}} {\"q\"} {f'{b}'}'", "x = f\"{d[\"k\"]}\"", "x = t'{a}'",
	"match x:\n  case {'a': 1, **r} if r: pass\n  case A(b=1) | [1, *_]: pass\n  case -1+2j: pass\n  case a.b | None: pass\n  case _: pass",
	"match = 1\ncase = 2\ntype = 3\nprint(match, type)", "match.foo()\nmatch[1]\ntype(x)",
	"@a[0].b(c)\ndef f(): pass", "@(x := y)\ndef f(): pass", "@lambda f: f\nclass A: pass", "a[*b] = 1", "def f(*args: *Ts): pass",
	"async def f():\n  async with a as b, c: pass\n  async for x in y: pass\n  return [await x async for x in z]",
	"def f(a, /, b=1, *, c, d=2, **k): pass", "def f(a=1, *args, b): pass", "with (open(a) as b, open(c) as d): pass",
	"print(*a, sep='', **k)", "f(**a, b=1)", "f(a=1, *b)", "lambda *, a=1, **k: a", "if (n := 10) > 5: pass", "for x in *a, *b: pass",
	"def f():\n  return *a, b", "x = 0xFF_FF + 1_000j + 00 + 0_0 + 0o17", "raise X from None", "x = (\n  # c\n  1\n)",
	"x = 1 \\\n  + 2", "\\\nx = 1", "class A: x = 1; y = 2", "x = 1;", "print(f'{x=}', f'{a:%Y-%m-%d}', f'{{}}')", "x = f'''{\na\n}'''",
	"\fx = 1", "\ufeffx = 1", "if a:\n    pass\n  # c\nelse:\n    pass", "if a:\n\tx\n\tif b:\n\t\ty", "if a:\n    if b:\n        x\n\ty = 1\n" /* TabError in Python: see below */, "x = '''a\n  b\n'''",
	"for x in y:\n  break\nelse:\n  pass", "while 1:\n  if x:\n    continue", "try:\n  pass\nfinally:\n  pass", "try: pass\nexcept A, B: pass",
	"def f():\n  pass\n\n\n\n# end", "x = [\n1,\n2\n]", "x = y if z else w", "del (a), b[0]", "x: int = 3", "exec('x')", "global_ = 1",
	"import a.b as c, d\nfrom . import x\nfrom .a import (b, c,)", "'a' 'b'\n# c\nfrom __future__ import division, annotations\nfrom __future__ import (generators as g,)\nimport x", "x = rb'\\d' Rb'x' b'y'", "...", "ünïcode = 'é'",
	"async def f():\n  await x\n  def g(a=await_): pass", "x = 1if y else 2", "a = b = c = *d, e", "print >> sys.stderr, \"x\"", "(bar.\nbaz)", "def f():\n    (bar.\nbaz)", "x = [a. # c\n\n b]",
	"def f():\n    def g():\n        (bar.\n    baz(\n1))", "def f[T = int](): pass", "async def f[T: int = 'a]', U=[1,\n2]](x=1): pass",
	"class A[T, *Ts = *tuple[int], **P = [int]](B): pass", "type X[T = int] = list[T]", "from a import (b,)", "f(a,)", "f(# c\n)",
	"@x\n# c\n\n@y(\n  1,\n)\nasync def f(): ...",
	"def f():\n    print(1 +\n2, a=\n3)", "class A:\n    @x(a=\n3)\n    def f(self): pass", "class A:\n    x = [z for\nz in # c\n\n  y if not\nz]",
	"def f():\n  return (await x async for x in y), (x async for x in y)", "async def f():\n  def g(a=await x): pass\n  class A(await y): pass\n  return [[a async for a in b] for c in d]",
	"def f():\n  def g(a=(yield)): return lambda: (yield)\n  return [a for a in (yield)]", "f((*a))", "x = (*a,)", "(a) += 1", "(a): int = 1", "[a, b] = c", "del (a, [b])", "del ()",
	"def f():\n  x = 1\n  def g():\n    nonlocal x\n    x = 2", "class A:\n  def f(self):\n    nonlocal __class__", "def f():\n  for x in y: pass\n  class A:\n    def g(self):\n      nonlocal x",
	"def f():\n  [x for x in y]\n  f(x=1).x\n  lambda x: x\n  global x", "def f():\n  global x\n  x = 1", "def f():\n  def g(): x = 1\n  global x",
	"match x:\n  case a if b: pass\n  case a,: pass\n  case a.b: pass\n  case 1 | 2 as c: pass\n  case (_): pass", "match x:\n  case _ as a: pass", "match(x)\nmatch x:\n  case *_, 1: pass\n  case [_]: pass\n  case 1 | _: pass",
	"x = '\\x41\\u00e9\\U0010FFFF\\N{BULLET}\\d\\\\x4'", "x = r'\\x4 \\Users' if y else b'\\u12' rb'\\x'", "x = f'{a!r:>{b!s}} {a = !a} \\N{BULLET}'", "with (open(a) as b): pass", "with a as (b, *c), d as e[0]: pass",
	"def f(a, b=1, /, c=2, *, d, **k): return lambda *, a: lambda a, /, *b: 0", "try: pass\nexcept A: pass\nexcept: pass", "def f():\n    if a:\\\n\t b\n    c; \\\n  d\n    e", "class A:\n    def f(self):\n        x[\n0\n  :1, # c\n2], y = a[\n   b][\n  # c\n\nc]\n        print(x)", "def f():\n    x = (lambda:\na, {1:\n2}, *\nb, **\nc)", "class A:\n    @x\n        # c\n\n    @y\n  # c\n    def f(self): pass",
}

func TestNoFalseSyntaxErrors(t *testing.T) {
	for _, s := range modern {
		if strings.Contains(s, "\ty = 1") {
			continue
		}
		for name, src := range map[string]string{
			"plain":  s + "\n",
			"method": "class F:\n    def m(self):\n        " + strings.ReplaceAll(strings.TrimLeft(s, "\ufeff\f"), "\n", "\n        ") + "\n",
			"crlf":   strings.ReplaceAll(s, "\n", "\r\n") + "\r\n",
			"cr":     strings.ReplaceAll(s, "\n", "\r") + "\r",
			"no end": s,
		} {
			if name == "method" && strings.Contains(s, "__future__") || name == "cr" && strings.Contains(s, "\\\n") {
				continue
			}
			tree := syntax.Parse(text.New([]byte(src)))
			for _, p := range tree.AST(nil).Problems {
				t.Errorf("%s %q: %s at %q", name, src, p.Message, tree.Text().Slice(p.Span))
			}
			tree.Close()
		}
	}
}

func TestProblems(t *testing.T) {
	for src, want := range map[string]string{
		"if a:\n    if b:\n        x\n\ty = 1\n": "y = 1",
		"if a:\n        x\n\ty\n":                "y",
		"if a:\n  x\n   y\n":                     "y",
		"  x = 1\n":                              "x = 1",
		"x = 1\n  y = 2\n":                       "y = 2",
		"def f():\n\nx = 1\n":                    ":",
		"class A:\n":                             ":",
		"if x:\nelse:\n  y\n":                    ":",
		"x =\ny = 1\n":                           "=",
		"print 'a'\n":                            "print 'a'",
		"exec 'a'\n":                             "exec 'a'",
		"def f(a=1, b): pass\n":                  "b",
		"def f(a, *, a): pass\n":                 "a",
		"f(a=1, 2)\n":                            "2",
		"f(a=1, a=2)\n":                          "a",
		"f(**a, *b)\n":                           "*b",
		"x = 0777\n":                             "0777",
		"x = `a`\n":                              "`a`",
		"x = b'é'\n":                             "b'é'",
		"raise A, B\n":                           "raise A, B",
		"return\n":                               "return",
		"break\n":                                "break",
		"for x in y:\n  pass\nelse:\n  continue\n": "continue",
		"def f():\n  await x\n":                    "await x",
		"try:\n  x\n":                              "try",
		"x = (1,\ny = 2\ndef f(): pass\n":          "(1,\ny = 2",
		"x = )\n":                                  ")",
		"x = 'a\ny = 1\n":                          "'a",
		"def f():\n  x = '''a\ndef g(): pass\n":    "'''a",
		"class A:\n  @\n  def f(self): pass\n":     "@",
		"@x\n":                                     "@x",
		"def f(:\n  return 1\n":                    "(:",
		"for x in y\n  pass\n":                     "for x in y",
		"x = 1\x00\n":                              "\x00",
		"x = '\xff'\n":                             "\xff",
		"else:\n  x\n":                             "else:",
		"x = f'{a'\ny = 1\n":                       "",
		"x = f(a for":                              "(a for",
		"from a import b,\n":                       ",",
		"f(,)\n":                                   ",",
		"def f[T = ](): pass\n":                    "",
		"class A[T = 1 2]: pass\n":                 "",
		"import x\nfrom __future__ import annotations\n":         "from __future__ import annotations",
		"def f():\n  from __future__ import annotations\n":       "from __future__ import annotations",
		"from __future__ import anotations\n":                    "anotations",
		"try:\n  x\nexcept:\n  y\nexcept A:\n  z\n":              "except",
		"def f():\n  async with a: pass\n":                       "async",
		"async def f():\n  def g():\n    async for a in b: c\n":  "async",
		"def f():\n  [a async for a in b]\n":                     "async for a in b",
		"async def f():\n  lambda: await x\n":                    "await x",
		"def f():\n  from x import *\n":                          "*",
		"f(x for x in y, 1)\n":                                   ",",
		"x = *a\n":                                               "*a",
		"x = (*a)\n":                                             "*a",
		"def f(): return *a\n":                                   "*a",
		"del f()\n":                                              "f()",
		"del a, (b, 1)\n":                                        "1",
		"a, b += 1\n":                                            "a, b",
		"(a, b): int = 1\n":                                      "(a, b)",
		"a = b += 1\n":                                           "a = b += 1",
		"*a = b\n":                                               "*a",
		"a, *b, *c = d\n":                                        "*c",
		"assert x, y, z\n":                                       "z",
		"with x as 1: pass\n":                                    "1",
		"with x as (a, f()): pass\n":                             "f()",
		"try: pass\nexcept A as a.b: pass\n":                     "a.b",
		"f(a as b)\n":                                            "a as b",
		"x = y := 1\n":                                           "y := 1",
		"[*a for a in b]\n":                                      "*a",
		"def q(**k, a): pass\n":                                  "a",
		"def q(*): pass\n":                                       "*",
		"def q(a, *b, *c): pass\n":                               "*c",
		"def q(*, a, /): pass\n":                                 "/",
		"def q(a, (b, c)): pass\n":                               "(b, c)",
		"lambda a=1, b: a\n":                                     "b",
		"match x:\n  case a: pass\n  case 1: pass\n":             "a",
		"match x:\n  case _ | 1: pass\n":                         "_",
		"def f():\n  x = 1\n  global x\n":                        "x",
		"def f(x):\n  global x\n":                                "x",
		"class A:\n  def f(self):\n    nonlocal x\n":             "x",
		"def f():\n  def g():\n    nonlocal x\n    x = 1\n":      "x",
		"nonlocal x\n":                                           "nonlocal x",
		"class A:\n  yield 1\n":                                  "yield 1",
		"f'{x!z}'\n":                                             "!z",
		"x = 'C:\\Users\\a'\n":                                   "\\U",
		"x = b'a' 'b'\n":                                         "b'a' 'b'",
		"__debug__ = 1\n":                                        "__debug__",
		"a <> b\n":                                               "<>",
		"x = 10L\n":                                              "10L",
		"class A:\n  @x\n    @y\n  def f(self):\n    pass\n":     "def f(self):",
		"class A:\n  @x\n    @y\n    def f(self):\n      pass\n": "def",
		"class A:\n  @x\n   \n    def f(self):\n      pass\n":    "def",
		"class A:\n  @x\n    @y\n    class B:\n      pass\n":     "@y",
		"def f():\n  @x\n    @y\n    def g():\n      pass\n":     "@y",
	} {
		tree := syntax.Parse(text.New([]byte(src)))
		problems := tree.AST(nil).Problems
		if len(problems) == 0 {
			t.Errorf("%q: nothing found", src)
		} else if got := tree.Text().Slice(problems[0].Span); want != "" && got != want {
			t.Errorf("%q: %s at %q, want %q", src, problems[0].Message, got, want)
		}
		tree.Close()
	}
}

func TestDeclaredEncoding(t *testing.T) {
	for src, want := range map[string]int{
		"# -*- coding: latin-1 -*-\nx = '\xe9'\n":                 0,
		"#!/usr/bin/python\n# vim: fileencoding=cp1252\n# \xe9\n": 0,
		"# coding: utf-8\nx = '\xe9'\n":                           1,
		"x = 1\n# coding: latin-1\nx = '\xe9'\n":                  1,
	} {
		tree := syntax.Parse(text.New([]byte(src)))
		if got := len(tree.AST(nil).Problems); got != want {
			t.Errorf("%q: %d problems, want %d", src, got, want)
		}
		tree.Close()
	}
}

const sample = `from metaflow import FlowSpec, step

class F(FlowSpec):
    @step
    def start(self):
        """Doc."""
        self.x = [1, (2, 3)]
        self.next(self.a, self.b)

    @step
    def a(self):
        if self.x:
            print(f"{self.x} a")
        self.next(self.j)

    @step
    def b(self): self.next(self.j)

    @step
    def j(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    F()
`

var fragments = []string{"self.next(self.", "(", ")", "\n", "    ", "x", "'", "\"", "def ", "class A:\n", "@", ":", "\"\"\"", "#", "if x:\n",
	"self.x = 1\n", "\t", "{", "}", "[", "]", ",", "é", "lambda", " ", "return", "f'{", "=", "\\\n", "\r\n", "\r", "\x00", "\xff", "else:\n", "async "}

// dump writes everything that a reader of an AST can see.
func dump(a *syntax.AST) string {
	var b strings.Builder
	var walk func(n syntax.Node, base int)
	walk = func(n syntax.Node, base int) {
		if part, start := n.Part(); part != nil {
			n, base = part.Root(), base+start
		}
		s := n.Span().Shift(base)
		fmt.Fprintf(&b, "(%d %d %d:%d", n.Kind(), n.Field(), s.Start, s.End)
		for c := range n.Children() {
			walk(c, base)
		}
		b.WriteByte(')')
	}
	walk(a.Root(), 0)
	fmt.Fprintf(&b, "%v", a.Problems)
	return b.String()
}

// checkEdits applies random edits and compares with reading the text afresh.
func checkEdits(t *testing.T, r *rand.Rand, src string, count int) {
	tree := syntax.Parse(text.New([]byte(src)))
	ast := tree.AST(nil)
	for range count {
		length := tree.Text().Len()
		var edits []text.Edit
		for range 1 + r.IntN(2) {
			at := r.IntN(length + 1)
			e := text.Edit{Span: text.Span{Start: at, End: at + r.IntN(2)*r.IntN(8)}}
			if r.IntN(4) > 0 {
				e.New = fragments[r.IntN(len(fragments))]
			}
			edits = append(edits, e)
		}
		next := tree.Edit(text.Apply(tree.Text(), edits), ast)
		nextAST := next.AST(ast)
		full := syntax.Parse(text.New(next.Text().Bytes()))
		if got, want := next.HasError(), full.HasError(); got != want {
			t.Fatalf("after %v: error %v, parsed afresh %v\n%s", edits, got, want, next.Text().Bytes())
		}
		if !full.HasError() && next.String() != full.String() {
			t.Fatalf("after %v the trees differ\n%s", edits, next.Text().Bytes())
		}
		if got, want := dump(nextAST), dump(full.AST(nil)); got != want {
			t.Fatalf("after %v:\n got %s\nwant %s\n%s", edits, got, want, next.Text().Bytes())
		}
		full.Close()
		tree.Close()
		tree, ast = next, nextAST
	}
	tree.Close()
}

func TestIncrementalEqualsFull(t *testing.T) {
	for seed := range uint64(20) {
		checkEdits(t, rand.New(rand.NewPCG(seed, 1)), sample, 25)
	}
}

func FuzzEdits(f *testing.F) {
	f.Add(uint64(1), sample)
	f.Add(uint64(2), "x = (\r\n'''")
	f.Fuzz(func(t *testing.T, seed uint64, src string) {
		checkEdits(t, rand.New(rand.NewPCG(seed, 2)), src, 6)
	})
}
