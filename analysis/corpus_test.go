package analysis_test

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// corpus yields the flows that the differential test compares with Metaflow.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	root := "../testdata/flows"
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".py" || strings.Contains(path, "stubs") {
			return err
		}
		src, err := os.ReadFile(path)
		files[strings.TrimPrefix(filepath.ToSlash(path), root+"/")] = src
		return err
	})
	if err != nil || len(files) < 150 {
		t.Fatalf("%d flows in %s: %v", len(files), root, err)
	}
	return files
}

// TestCorpusKeepsItsPromise needs no Python: a folder's name says what is found.
func TestCorpusKeepsItsPromise(t *testing.T) {
	for name, src := range corpus(t) {
		d := analysis.New(src)
		var errors []rule.Diagnostic
		for _, found := range d.Diagnostics {
			if found.Rule.Severity == rule.Error && (found.Rule.Code < "MF130" || !strings.HasPrefix(name, "valid/")) { // what lies behind the linter is held to runs
				errors = append(errors, found)
			}
		}
		parts := strings.Split(name, "/")
		switch {
		case parts[0] == "valid":
			for _, e := range errors {
				t.Errorf("%s: %s %s", name, e.Rule.Code, e.Message)
			}
		case len(errors) == 0:
			t.Errorf("%s: nothing found", name)
		case strings.HasPrefix(parts[1], "check_"):
			found := false
			for _, e := range errors {
				found = found || e.MetaflowCheck == parts[1]
			}
			if !found {
				t.Errorf("%s: no finding of that check", name)
			}
		}
		d.Close()
	}
}

// describe writes everything that a document found out.
func describe(d *analysis.Document) string {
	var b strings.Builder
	for i, f := range d.File.Flows {
		fmt.Fprintf(&b, "flow %s %v %v %q %q\n", f.Name, f.Span, f.Broken, f.OpenReason, f.Doc)
		for _, p := range f.Parameters {
			fmt.Fprintf(&b, "  %s %s %s %v %v %s %+v\n", p.Kind, p.Attr, p.Name, p.AttrSpan, p.Span, p.Class, p.Call())
		}
		for _, name := range slices.Sorted(maps.Keys(f.Methods)) {
			for _, m := range f.Methods[name] {
				fmt.Fprintf(&b, "  method %s %s %d %d %v %v %v %v %+v\n", name, m.Class, m.Rank, m.Base, m.Step, m.Property, m.Static, m.Wrapped, describeOps(m.Code().Ops))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(f.Attributes)) {
			for _, a := range f.Attributes[name] {
				fmt.Fprintf(&b, "  attribute %s %s %d %v %v %+v\n", name, a.Class, a.Rank, a.Span, a.NameSpan, a.Value())
			}
		}
		g := d.Graphs[i]
		fmt.Fprintf(&b, "  sorted %v\n", g.Sorted)
		for _, name := range g.Order {
			n, s := g.Nodes[name], g.Nodes[name].Step
			fmt.Fprintf(&b, "  %s %s %v %v %v %v %s %v %v %v\n", name, n.Type, n.Out, n.In, n.SplitParents(), n.SplitBranches(), n.MatchingJoin, n.InForeach, n.ParallelStep, n.Reachable)
			fmt.Fprintf(&b, "    %v %v %v %v %v %v %v %v %q\n", s.Span, s.NameSpan, s.DefSpan, s.BodySpan, s.StepSpan, s.Args, s.Broken, s.Opaque, s.Doc)
			if s.Next != nil {
				fmt.Fprintf(&b, "    next %+v\n", *s.Next)
			}
			for _, a := range s.Assigns {
				fmt.Fprintf(&b, "    %+v\n", *a)
			}
			for _, deco := range s.Decorators {
				fmt.Fprintf(&b, "    %+v\n", *deco)
			}
		}
	}
	for _, x := range d.Diagnostics {
		fmt.Fprintf(&b, "%s %v %s %s %s %s %d %v %v\n", x.Rule.Code, x.Span, x.Flow, x.Step, x.Message, x.MetaflowCheck, x.MetaflowLine, x.Related, x.Fixes)
	}
	return b.String()
}

// describeOps follows the pointers to values.
func describeOps(ops []flow.Op) string {
	var b strings.Builder
	for _, op := range ops {
		value, blocks := *op.Value, op.Blocks
		op.Value, op.Blocks = nil, nil
		fmt.Fprintf(&b, "%+v %+v", op, value)
		for _, block := range blocks {
			b.WriteString(" {" + describeOps(block) + "}")
		}
	}
	return b.String()
}

var typed = []string{"self.next(self.", "(", ")", "\n", "    ", "x", "'", "\"", "def ", "class A(FlowSpec):\n", "@", "@step\n", ":", "\"\"\"", "#",
	"    @step\n    def end(self):\n        pass\n", "\t", "{", "}", ",", "é", " ", "self.x = ", "\r\n", "\r", "\x00", "\xff", "inputs", "start", "end", "foreach='x'"}

// checkEdits compares a document that was edited with one made afresh.
func checkEdits(t *testing.T, r *rand.Rand, src []byte, count int) {
	t.Helper()
	d := analysis.New(src)
	for range count {
		at := r.IntN(d.Text.Len() + 1)
		e := text.Edit{Span: text.Span{Start: at, End: at + r.IntN(2)*r.IntN(12)}}
		if r.IntN(4) > 0 {
			e.New = typed[r.IntN(len(typed))]
		}
		next := d.Edit([]text.Edit{e})
		fresh := analysis.New(next.Text.Bytes())
		if got, want := describe(next), describe(fresh); got != want {
			t.Fatalf("after %+v:\n%s\nafresh:\n%s\n%s", e, got, want, next.Text.Bytes())
		}
		for _, x := range next.Diagnostics {
			if x.Span.Start < 0 || x.Span.Start > x.Span.End || x.Span.End > next.Text.Len() {
				t.Fatalf("%s has the span %v in %d bytes", x.Rule.Code, x.Span, next.Text.Len())
			}
		}
		fresh.Close()
		d.Close()
		d = next
	}
	d.Close()
}

func TestEditedEqualsFresh(t *testing.T) {
	files := corpus(t)
	for i, name := range slices.Sorted(maps.Keys(files)) {
		if src := files[name]; len(src) <= 4000 {
			t.Run(name, func(t *testing.T) { checkEdits(t, rand.New(rand.NewPCG(uint64(i), 3)), src, 4) })
		}
	}
}

func FuzzDocument(f *testing.F) {
	f.Add(uint64(1), []byte(unknownTarget))
	f.Add(uint64(2), []byte("import metaflow\nclass A(metaflow.FlowSpec):\n\t@metaflow.step\n\tdef start(self): self.next({1: self.a, True: self.b}, condition='x')"))
	f.Fuzz(func(t *testing.T, seed uint64, src []byte) {
		if len(src) < 10_000 {
			checkEdits(t, rand.New(rand.NewPCG(seed, 4)), src, 3)
		}
	})
}
