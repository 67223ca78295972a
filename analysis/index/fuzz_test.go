package index_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/index"
)

// lines are what random modules consist of: every form of import, names of
// each other, classes on classes.
var lines = []string{
	"import a", "import a.b", "import p.a as x", "from a import A", "from p import A", "from p.a import A as B", "from . import a", "from .a import A",
	"from .. import p", "from ..p.a import *", "from a import *", "from p import *", "from b import *", "import f", "from f import F", "from metaflow import *",
	"from metaflow import FlowSpec, step", "import metaflow as mf", "A = B", "B = a.A", "B = p.a.B", "A = FlowSpec", "__all__ = ['A']", "__path__ = []",
	"try:\n    from a import B\nexcept ImportError:\n    B = FlowSpec", "if x:\n    import a", "del A", "from  p . a  import  A", "from ....... import A", "import \u00e9", "from a import (A, B,",
	"class A(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.end)", "class A(B):\n    @step\n    def end(self):\n        pass", "class B(a.A, p.B):\n    x = 1",
	"class B(A):\n    start = None", "class A(A): pass", "class F(A, B):\n    @step\n    def middle(self):\n        self.next(self.end, self.gone)", "@A\nclass B(p.a.A): pass",
	"class A(mf.FlowSpec):\n    q = mf.Parameter('q')\n    @mf.step\n    def start(self):\n        self.next(self.middle, foreach='q')", "if __name__ == '__main__':\n    F()", "\x00", "def (",
}

var paths = []string{"f.py", "a.py", "b.py", "p/__init__.py", "p/a.py", "p/b.py", "p/p/__init__.py", "p/p/a.py", "src/a.py", "src/p/b.py", "n/a.py"}

// checkWorkspace: whatever the files hold, each is analysed, the same way
// twice, and no place of another file is given as one of its own.
func checkWorkspace(t *testing.T, source string) {
	t.Helper()
	m := files(source)
	x := index.New(m)
	for _, path := range slices.Sorted(maps.Keys(m)) {
		site := &index.Site{Index: x, Path: path, Roots: []string{"/w", "/w/src", "/w/n"}, Flows: m.Names}
		d, err := analysis.Load(site)
		if err != nil {
			continue
		}
		fresh := analysis.NewAt(d.Text.Bytes(), &index.Site{Index: index.New(m), Path: path, Roots: site.Roots, Flows: m.Names})
		if got, want := said(d), said(fresh); got != want {
			t.Fatalf("%s:\n%s\nafresh:\n%s\n%s", path, got, want, source)
		}
		for _, found := range d.Diagnostics {
			inside := found.Span.Start >= 0 && found.Span.Start <= found.Span.End && found.Span.End <= d.Text.Len()
			for _, r := range found.Related {
				inside = inside && r.Span.End <= d.Text.Len()
			}
			for _, fix := range found.Fixes {
				for _, e := range fix.Edits {
					inside = inside && e.Span.End <= d.Text.Len()
				}
			}
			for _, e := range found.Elsewhere {
				inside = inside && e.Text != nil && m[e.File] == e.Text && e.Span.End <= e.Text.Len()
			}
			if !inside {
				t.Fatalf("%s: %+v\n%s", path, found, source)
			}
		}
		for _, f := range d.File.Flows {
			for _, s := range f.Steps {
				if (s.File != "") != s.Span.Foreign() || d.File.Slice(s.NameSpan) == "" && d.Text.Len() > 0 {
					t.Fatalf("%s: step %s of %q at %v\n%s", path, s.Name, s.File, s.NameSpan, source)
				}
			}
		}
		fresh.Close()
		d.Close()
	}
}

// said is what a user would see.
func said(d *analysis.Document) string {
	var b strings.Builder
	for _, f := range d.File.Flows {
		fmt.Fprintf(&b, "%s %v %q", f.Name, f.Open, f.OpenReason)
		for _, s := range f.Steps {
			fmt.Fprintf(&b, " %s:%s:%d", s.Name, s.File, d.File.Line(s.NameSpan.Start))
		}
		for _, p := range f.Parameters {
			fmt.Fprintf(&b, " %s:%s", p.Attr, p.File)
		}
		b.WriteString("\n")
	}
	for _, x := range d.Diagnostics {
		fmt.Fprintf(&b, "%s %v %s %v %d", x.Rule.Code, x.Span, x.Message, x.Related, x.MetaflowLine)
		for _, e := range x.Elsewhere {
			fmt.Fprintf(&b, " %s:%d", e.File, e.Line)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// random is a workspace of random lines.
func random(r *rand.Rand) string {
	var b strings.Builder
	for _, path := range paths {
		if r.IntN(4) == 0 {
			continue
		}
		fmt.Fprintf(&b, "-- %s --\n", path)
		if r.IntN(2) == 0 {
			b.WriteString("from metaflow import FlowSpec, step\nclass A(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.end)\nB = A\n")
		}
		for range r.IntN(6) {
			line := lines[r.IntN(len(lines))]
			if strings.ContainsAny(line, "\x00(") && r.IntN(3) > 0 {
				line = "from a import A"
			}
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func TestRandomWorkspaces(t *testing.T) {
	resolved := 0
	for seed := range 300 {
		source := random(rand.New(rand.NewPCG(uint64(seed), 5)))
		checkWorkspace(t, source)
		m := files(source)
		for path := range m {
			if d, err := analysis.Load(&index.Site{Index: index.New(m), Path: path, Roots: []string{"/w"}}); err == nil && len(d.File.Others) > 0 {
				resolved++
			}
		}
	}
	if resolved < 10 {
		t.Errorf("only %d files take something from others", resolved)
	}
}

func FuzzResolver(f *testing.F) {
	for seed := range 20 {
		f.Add(random(rand.New(rand.NewPCG(uint64(seed), 6))))
	}
	f.Add("-- f.py --\nfrom base import BaseFlow" + train + "-- base.py --\n" + baseFile)
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) < 20_000 && strings.Count(source, "\n-- ") < 30 {
			checkWorkspace(t, source)
		}
	})
}

// Stars that all lead to each other open more ways than anybody can go.
func TestManyStars(t *testing.T) {
	const n = 40
	var stars, source strings.Builder
	for i := range n {
		fmt.Fprintf(&stars, "from m%d import *\n", i)
	}
	source.WriteString("-- f.py --\n" + stars.String() + train)
	for i := range n {
		fmt.Fprintf(&source, "-- m%d.py --\n%s", i, stars.String())
	}
	d := load(t, files(source.String()), "/w/f.py")
	if len(d.File.Flows) != 1 || !d.File.Flows[0].Open {
		t.Errorf("%+v", d.File.Flows)
	}
}

// A package of hundreds of modules in a row is too many to read for one file.
func TestLongChain(t *testing.T) {
	var source strings.Builder
	source.WriteString("-- f.py --\nfrom m0 import BaseFlow" + train)
	for i := range 300 {
		fmt.Fprintf(&source, "-- m%d.py --\nfrom m%d import BaseFlow as Lower\nclass BaseFlow(Lower): pass\n", i, i+1)
	}
	source.WriteString("-- m300.py --\n" + baseFile)
	d := load(t, files(source.String()), "/w/f.py")
	if f := d.File.Flows[0]; !f.Open || !strings.Contains(f.OpenReason, "too many files") {
		t.Errorf("open %v: %s", f.Open, f.OpenReason)
	}
}
