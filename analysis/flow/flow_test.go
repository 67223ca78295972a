package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"flowls/analysis/flow"
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

func build(t *testing.T, src string) *flow.File {
	t.Helper()
	tree := syntax.Parse(text.New([]byte(src)))
	defer tree.Close()
	return flow.Build(tree.Text(), tree.AST(nil))
}

// one is the only flow of a file.
func one(t *testing.T, src string) *flow.Flow {
	t.Helper()
	f := build(t, src)
	if len(f.Flows) != 1 {
		t.Fatalf("%d flows in %q", len(f.Flows), src)
	}
	return f.Flows[0]
}

// step is a flow with one step whose body is given.
func step(t *testing.T, body string) (*flow.Step, string) {
	t.Helper()
	src := "from metaflow import *\nclass F(FlowSpec):\n    @step\n    def a(self):\n        " + strings.ReplaceAll(body, "\n", "\n        ") + "\n"
	return one(t, src).Steps[0], src
}

func TestTransitions(t *testing.T) {
	for body, want := range map[string]string{
		"self.next(self.a)":                                                             "1 [a]",
		"(self.next)((self.a),)  # c":                                                   "1 [a]",
		"(\n  self.next(self.a)\n)":                                                     "1 [a]",
		"self . next(self\\\n.a)":                                                       "1 [a]",
		"x = 1; self.next(T.a.b)":                                                       "1 [b]",
		"self.next(self.a, self.b)":                                                     "2 [a b]",
		"self.next(self.a, foreach='x' 'y')":                                            "3 [a] xy",
		"self.next(self.a, foreach=f'{x}')":                                             "3 [a]",
		"self.next(self.a, foreach=xs)":                                                 "3 [a]",
		"self.next(self.a, self.b, foreach='x')":                                        "0 [a b] x",
		"self.next(self.a, num_parallel=0x4)":                                           "4 [a] 4",
		"self.next(self.a, num_parallel=n)":                                             "4 [a]",
		"self.next({'a': self.b, 'c': self.d,}, condition='x')":                         "5 [b d] x a,c",
		"self.next({1: self.a, True: self.b, 1.0: self.c}, condition='x')":              "5 [c] x 1",
		"self.next({0: self.a, 0.0: self.b, False: self.c, 0j: self.d}, condition='x')": "5 [d] x 0",
		`self.next({"a": self.b, "\x61": self.c, b"a": self.d, "\u0061": self.e, "\141": self.f, "\N{LATIN SMALL LETTER A}": self.g}, condition='x')`: `5 [g d] x a,b"a"`,
		"self.next({self.cfg.k: self.a, (...): self.b}, condition='x')":                                                                               "5 [a b] x config:cfg.k,...",
		"self.next({1_000: self.a, 1e3: self.b, 0b11: self.c}, condition='x')":                                                                        "5 [b c] x 1_000,0b11",
		"self.next({'a': self.b}, condition='')":                                                                                                      "0 []",
		"self.next({'a': self.b}, condition=b'x')":                                                                                                    "0 []",
		"self.next({}, condition='x')":                                                                                                                "0 []",
		"self.next({None: self.a}, condition='x')":                                                                                                    "0 []",
		"self.next({-1: self.a}, condition='x')":                                                                                                      "0 []",
		"self.next({x: self.a}, condition='x')":                                                                                                       "0 []",
		"self.next({**x}, condition='x')":                                                                                                             "0 []",
		"self.next({'a': b.c}, condition='x')":                                                                                                        "0 []",
		"self.next({x.y.z: self.c}, condition='x')":                                                                                                   "0 []",
		"self.next({f'a': self.c}, condition='x')":                                                                                                    "0 []",
		"self.next({'a': self.b})":                                                                                                                    "0 []",
		"self.next('a')":                                                                                                                              "0 []",
		"self.next(*xs)":                                                                                                                              "0 []",
		"self.next(x for x in y)":                                                                                                                     "0 []",
		"self.next()":                                                                                                                                 "0 []",
		"self.next(self.a, **k)":                                                                                                                      "0 [a]",
		"self.next(self.a, foreach='x', **k)":                                                                                                         "0 [a]",
		"self.next(self.ﬁt)":                                                                                                                          "1 [fit]",
		"return self.next(self.a)":                                                                                                                    "none",
		"self.next(self.a), 1":                                                                                                                        "none",
		"self.next(self.a).x":                                                                                                                         "none",
		"self.next(self.a)\npass":                                                                                                                     "none",
		"if x:\n    self.next(self.a)":                                                                                                                "none",
		"this.next(self.a)":                                                                                                                           "none",
		"x = self.next(self.a)":                                                                                                                       "none",
	} {
		s, src := step(t, body)
		got := "none"
		if n := s.Next; n != nil {
			var names, keys []string
			for _, target := range n.Targets {
				names = append(names, target.Name)
				if written := src[target.Span.Start:target.Span.End]; written != target.Name && written != "ﬁt" {
					t.Errorf("%q: target %q at %q", body, target.Name, written)
				}
			}
			for _, c := range n.Cases {
				keys = append(keys, c.Key)
			}
			got = fmt.Sprintf("%d %v", n.Kind, names)
			for _, extra := range []string{n.Foreach, n.Condition, strings.Join(keys, ",")} {
				if extra != "" {
					got += " " + extra
				}
			}
			if n.NumParallel != 0 {
				got += fmt.Sprint(" ", n.NumParallel)
			}
		}
		if got != want {
			t.Errorf("%q: %s, want %s", body, got, want)
		}
	}
}

func TestAssigns(t *testing.T) {
	s, src := step(t, `self.a = 1  # c
self.b, (self.c, *self.d) = x = 2; y = 3
self.e: int = (
    1
)
self.f += 1
[self.g, h.i] = 1
for self.j in x:
    if y: self.k = self.l = 1
with a as self.m, b as (self.n, o):
    try: pass
    finally:
        self.p = 1
self.q: int
self.r.s = self.t[0] = 1
def inner(): self.u = 1`)
	var got []string
	for _, a := range s.Assigns {
		if src[a.Span.Start:a.Span.End] != "self."+a.Name {
			t.Errorf("%s at %q", a.Name, src[a.Span.Start:a.Span.End])
		}
		line := src[strings.LastIndexByte(src[:a.StatementEnd], '\n')+1 : a.StatementEnd]
		got = append(got, a.Name+"<"+strings.TrimSpace(line)+">")
	}
	want := []string{"a<self.a = 1>", "b<self.b, (self.c, *self.d) = x = 2>", "c<self.b, (self.c, *self.d) = x = 2>", "d<self.b, (self.c, *self.d) = x = 2>",
		"e<)>", "f<self.f += 1>", "g<[self.g, h.i] = 1>", "j<for self.j in x:>", "k<if y: self.k = self.l = 1>", "l<if y: self.k = self.l = 1>",
		"m<with a as self.m, b as (self.n, o):>", "n<with a as self.m, b as (self.n, o):>", "p<self.p = 1>"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestArguments(t *testing.T) {
	for header, want := range map[string]int{
		"self": 1, "self, inputs": 2, "": 0, "self, /": 0, "self, /, a": 1, "self, *": 1, "self, *args": 1, "self, *, a": 1, "self, **k": 1,
		"self, a=1": 2, "self: int, a: int = 1": 2, "self, *args: int": 1, "self, **k: int": 1, "self,": 1,
	} {
		if header == "self, *" {
			continue // a syntax error
		}
		f := one(t, "from metaflow import FlowSpec, step\nclass F(FlowSpec):\n  @step\n  def a("+header+"): pass\n")
		if got := len(f.Steps[0].Args); got != want {
			t.Errorf("(%s): %d arguments, want %d", header, got, want)
		}
	}
}

func TestDocstrings(t *testing.T) {
	for written, want := range map[string]string{
		`"""One."""`:  "One.",
		`""" One."""`: "One.",
		"\"\"\"One.\n\n        Two.\n          Three.\n        \"\"\"": "One.\n\n        Two.\n          Three.",
		`"a" 'b'`: "ab", `r"\n"`: `\n`, `"\t\"\q\101\x41"`: "\"\\qAA", `b"x"`: "", `f"x"`: "", `"x", 1`: "", "x": "", `"\ud800"`: "\xed\xa0\x80", `"\
a"`: "a", `"\N{BULLET}\N{nothing}"`: "•\\N{nothing}",
	} {
		s, _ := step(t, written)
		if s.Doc != want {
			t.Errorf("%s: %q, want %q", written, s.Doc, want)
		}
	}
}

func TestMembers(t *testing.T) {
	f := one(t, `import metaflow as mf
from metaflow import FlowSpec as Base, step as s, Parameter, retry
from metaflow.plugins import x as y
try:
    from metaflow import parallel
except ImportError:
    parallel = None

Alias = Base

@mf.project(name="p")
class F(Alias):
    """Doc."""
    alpha = Parameter("al-pha", default=1)
    beta = mf.Parameter(name="be" "ta")
    conf: dict = mf.Config("conf")
    inc = mf.IncludeFile(NAME)
    import os
    for i in range(3):
        pass

    @mf.step(start=True)
    def begin(self): self.next(self.work)

    @retry(times=2, **more)
    @(parallel)
    @s
    async def work(self):
        self.next(self.__hidden)

    @s
    def __hidden(self): pass

    @s
    def gone(self): pass
    gone = 3

    @s
    def twice(self): pass

    @s()
    def twice(self, inputs): pass

    @property
    @s
    def shown(self): pass
`)
	var got []string
	for _, s := range f.Steps {
		got = append(got, fmt.Sprint(s.Name, " ", len(s.Args), s.IsStart, s.Async))
	}
	if want := []string{"_F__hidden 1 false false", "begin 1 true false", "twice 2 false false", "work 1 false true"}; !slices.Equal(got, want) {
		t.Errorf("steps %v, want %v", got, want)
	}
	var names []string
	for _, p := range f.Parameters {
		names = append(names, p.Kind+" "+p.Attr+" "+p.Name)
	}
	if want := []string{"Parameter alpha al-pha", "Parameter beta beta", "Config conf conf", "IncludeFile inc "}; !slices.Equal(names, want) {
		t.Errorf("parameters %q", names)
	}
	work := f.Steps[3]
	if len(work.Decorators) != 2 || work.Decorators[0].Name != "retry" || !work.Decorators[0].FromMetaflow || !work.Decorators[0].Call ||
		len(work.Decorators[0].Args) != 2 || work.Decorators[0].Args[1].Name != "**" || work.Decorators[1].Name != "parallel" || !work.Decorators[1].FromMetaflow {
		t.Errorf("decorators of work: %+v %+v", work.Decorators[0], work.Decorators[1])
	}
	if f.Doc != "Doc." || f.Open || f.Decorators[0].Name != "project" || f.Bases[0] != "Alias" {
		t.Errorf("flow %+v", f)
	}
}

func TestOpenAndAbstract(t *testing.T) {
	const head = "from metaflow import FlowSpec, step\nfrom other import Base, deco\nFLAG = 1\n"
	const body = "    @step\n    def start(self): pass\n"
	for src, want := range map[string]string{
		"class F(FlowSpec):\n" + body:                                                                    "F",
		"class F(Base):\n" + body:                                                                        "F open",
		"class F(Base):\n    x = 1\n":                                                                    "",
		"class F:\n" + body:                                                                              "",
		"class M:\n" + body + "class F(M, FlowSpec): pass\n":                                             "F",
		"class B(FlowSpec):\n" + body + "class F(B): pass\nF()\n":                                        "B abstract,F",
		"class B(FlowSpec):\n" + body + "class F(B): pass\nB()\nF()\n":                                   "B,F",
		"class F(FlowSpec):\n    if FLAG:\n        @step\n        def start(self): pass\n":               "F open",
		"class F(FlowSpec, metaclass=M):\n" + body:                                                       "F open",
		"class F(make()):\n" + body:                                                                      "F open",
		"class F(FlowSpec, Generic[T]):\n" + body:                                                        "F open",
		"if FLAG:\n  class F(FlowSpec):\n    @step\n    def start(self): pass\n":                         "F",
		"def f():\n  class F(FlowSpec):\n    @step\n    def start(self): pass\n  F()\n":                  "F",
		"class A(A):\n" + body:                                                                           "A abstract open",
		"class O: pass\nclass X(O, FlowSpec): pass\nclass Y(FlowSpec, O): pass\nclass F(X, Y):\n" + body: "X abstract,Y abstract,F open",
		"class F(FlowSpec):\n    from x import *\n" + body:                                               "F open",
	} {
		var got []string
		for _, f := range build(t, head+src).Flows {
			name := f.Name
			if f.Abstract {
				name += " abstract"
			}
			if f.Open {
				name += " open"
			}
			got = append(got, name)
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s\ngot %v, want %s", src, got, want)
		}
	}
}
