package artifact_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// chain is a flow of n steps with an artifact each, split and joined in turn:
// of every four steps one splits, two are branches, one merges them.
func chain(n int) string {
	var b strings.Builder
	b.WriteString("from metaflow import FlowSpec, step\nclass F(FlowSpec):\n    def load(self):\n        self.loaded = 1\n")
	step := func(name, args, body string) {
		fmt.Fprintf(&b, "    @step\n    def %s(%s):\n        %s\n", name, args, body)
	}
	step("start", "self", "self.next(self.s0)")
	for i := range n / 4 {
		next := fmt.Sprintf("s%d", i+1)
		if i == n/4-1 {
			next = "end"
		}
		step(fmt.Sprintf("s%d", i), "self", fmt.Sprintf("self.load(); self.x%d = 1\n        self.next(self.a%d, self.b%d)", i, i, i))
		step(fmt.Sprintf("a%d", i), "self", fmt.Sprintf("if self.x%d:\n            self.y%d = 1\n        self.next(self.j%d)", i, i, i))
		step(fmt.Sprintf("b%d", i), "self", fmt.Sprintf("self.z%d = self.loaded\n        self.next(self.j%d)", i, i))
		step(fmt.Sprintf("j%d", i), "self, inputs", fmt.Sprintf("self.merge_artifacts(inputs)\n        self.next(self.%s)", next))
	}
	step("end", "self", "print(self.x0)")
	return b.String()
}

func parsed(t testing.TB, src string) (*flow.Flow, *graph.Graph) {
	t.Helper()
	tx := text.New([]byte(src))
	tree := syntax.Parse(tx)
	defer tree.Close()
	f := flow.Build(tx, tree.AST(nil)).Flows[0]
	return f, graph.Build(f)
}

func BenchmarkAnalyse(b *testing.B) {
	for _, n := range []int{10, 100, 2000} {
		b.Run(fmt.Sprint(n, " steps"), func(b *testing.B) {
			f, g := parsed(b, chain(n))
			artifact.Analyse(f, g) // what methods do is read once
			b.ReportAllocs()
			for b.Loop() {
				artifact.Analyse(f, g)
			}
		})
	}
}

// TestWorkIsLinear compares what flows allocate: twice the steps, with twice
// the artifacts, are four times steps × artifacts.
func TestWorkIsLinear(t *testing.T) {
	allocated := func(n int) float64 {
		f, g := parsed(t, chain(n))
		facts := artifact.Analyse(f, g)
		if want := artifact.Surely; facts.Step("end").Entry("x0") != want || facts.Step("end").Entry("y0") != artifact.Maybe {
			t.Fatalf("%d steps: x0 is %v, y0 is %v at the end", n, facts.Step("end").Entry("x0"), facts.Step("end").Entry("y0"))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		artifact.Analyse(f, g)
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	small, large := allocated(1000), allocated(2000)
	if ratio := large / small; ratio > 4.5 {
		t.Errorf("twice the steps and artifacts allocate %.1f times as much", ratio)
	}
}

// FuzzAnalyse: any Python may come, and what is said about it must hold
// together.
func FuzzAnalyse(f *testing.F) {
	f.Add("self.x = 1", "if self.x:\n    del self.x", "self.merge_artifacts(inputs)")
	f.Add("while True:\n    try:\n        self.x = f()\n        break\n    except E:\n        continue\nelse:\n    self.helper()", "self.y += 1", "self.x = [i.x for i in inputs]")
	f.Add("self.helper()\nsetattr(self, n, 1)", "with a as self.b, c: return self.y", "for i in sorted(inputs): self.z = i.z")
	f.Add("match self.k:\n    case 1: self.x = 1", "async def g(self):\n    yield self.x", "x = lambda i=self.x: self.y")
	f.Fuzz(func(t *testing.T, a, b, join string) {
		if len(a)+len(b)+len(join) > 4000 {
			return
		}
		var src strings.Builder
		src.WriteString("from metaflow import FlowSpec, step, catch\nclass F(FlowSpec):\n")
		method := func(header, body, next string) {
			src.WriteString("    " + header + ":\n        pass\n")
			for line := range strings.SplitSeq(body+"\n"+next, "\n") {
				src.WriteString("        " + line + "\n")
			}
		}
		method("@step\n    def start(self)", a, "self.next(self.p, self.q)")
		method("@catch(var='err')\n    @step\n    def p(self)", b, "self.next(self.j)")
		method("@step\n    def q(self)", a+"\n"+b, "self.next(self.j)")
		method("@step\n    def j(self, inputs)", join, "self.next(self.r)")
		method("@step\n    def r(self)", b, "self.next({'a': self.r, 'b': self.end}, condition='x')")
		method("@step\n    def end(self)", a, "")
		method("def helper(self)", b, "self.other()")
		method("def other(self)", a, "self.helper()")
		tx := text.New([]byte(src.String()))
		tree := syntax.Parse(tx)
		defer tree.Close()
		for _, fl := range flow.Build(tx, tree.AST(nil)).Flows {
			facts := artifact.Analyse(fl, graph.Build(fl))
			check(t, facts, src.String())
		}
	})
}

// check holds the facts against each other.
func check(t *testing.T, facts *artifact.Facts, src string) {
	t.Helper()
	for _, s := range facts.Steps {
		for _, name := range facts.Names() {
			sites, only := s.Last(name)
			stored := 0
			for _, site := range sites {
				if !site.Function {
					stored++
				}
			}
			exit := s.Exit(name)
			switch {
			case only && len(sites) > 0 && stored == len(sites) && exit != artifact.Surely && !s.Caught() && !s.Opaque:
				t.Errorf("%s sets %s for sure, and ends with it %v:\n%s", s.Node.Step.Name, name, exit, src)
			case len(sites) == 0 && s.Entry(name) == artifact.Surely && exit != artifact.Surely:
				t.Errorf("%s never touches %s, and loses it: %v:\n%s", s.Node.Step.Name, name, exit, src)
			case stored > 0 && exit == artifact.Never:
				t.Errorf("%s may set %s, and never ends with it:\n%s", s.Node.Step.Name, name, src)
			}
			if reached, open := s.Reached(name); exit == artifact.Surely && len(reached) == 0 && !open && s.Entry(name) != artifact.Surely {
				t.Errorf("%s ends with %s from nowhere:\n%s", s.Node.Step.Name, name, src)
			}
		}
		for _, r := range s.Reads {
			if r.Span.Start < 0 || r.Span.End > len(src) || r.Span.Start > r.Span.End {
				t.Errorf("a read at %v of %d bytes", r.Span, len(src))
			}
			s.At(r)
		}
		for _, at := range []int{0, s.Node.Step.BodySpan.Start, s.Node.Step.BodySpan.End} {
			s.Reaching(at)
		}
	}
}
