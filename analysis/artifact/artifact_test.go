package artifact_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// analyse reads the first flow of a source.
func analyse(t testing.TB, src string) *artifact.Facts {
	t.Helper()
	tx := text.New([]byte(src))
	tree := syntax.Parse(tx)
	defer tree.Close()
	if tree.HasError() {
		t.Fatalf("not Python:\n%s", src)
	}
	f := flow.Build(tx, tree.AST(nil)).Flows[0]
	return artifact.Analyse(f, graph.Build(f))
}

// source makes a flow of steps: "name: statement; statement -> target, target".
// A line "name(inputs): …" is a join; "def helper: …" a helper method; other
// lines are class attributes. A step starting with "@" lines keeps them.
func source(lines string) string {
	var b strings.Builder
	b.WriteString("from metaflow import FlowSpec, Parameter, catch, step\nclass F(FlowSpec):\n")
	for line := range strings.Lines(strings.TrimSpace(lines)) {
		line = strings.TrimSpace(line)
		head, rest, isStep := strings.Cut(line, ": ")
		if !isStep {
			fmt.Fprintf(&b, "    %s\n", line)
			continue
		}
		name, args, join := strings.Cut(head, "(")
		params := "self"
		if join {
			params = "self, " + strings.TrimSuffix(args, ")")
		}
		helper, isHelper := strings.CutPrefix(name, "def ")
		if isHelper {
			name = helper
		} else {
			b.WriteString("    @step\n")
		}
		fmt.Fprintf(&b, "    def %s(%s):\n", name, params)
		body, next, _ := strings.Cut(rest, " -> ")
		for statement := range strings.SplitSeq(strings.ReplaceAll(body, "\\n", "\n"), ";") {
			for l := range strings.SplitSeq(statement, "\n") {
				fmt.Fprintf(&b, "        %s\n", strings.TrimPrefix(l, " "))
			}
		}
		switch {
		case strings.HasPrefix(next, "{"):
			fmt.Fprintf(&b, "        self.next(%s)\n", next)
		case next != "":
			parts := strings.Split(next, ", ")
			for i, p := range parts {
				if !strings.Contains(p, "=") {
					parts[i] = "self." + p
				}
			}
			fmt.Fprintf(&b, "        self.next(%s)\n", strings.Join(parts, ", "))
		}
	}
	return b.String()
}

// show writes the entry and exit of a step: "x surely, y never -> …"; names
// that are never set are left out.
func show(s *artifact.Step, names []string) string {
	side := func(of func(string) artifact.Presence) string {
		var parts []string
		for _, n := range names {
			if p := of(n); p != artifact.Never {
				parts = append(parts, n+" "+p.String())
			}
		}
		return strings.Join(parts, ", ")
	}
	return side(s.Entry) + " -> " + side(s.Exit)
}

func TestWithinAStep(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"self.x = 1", "x surely"},
		{"self.x, (self.y, *self.z) = f()", "x surely, y surely, z surely"},
		{"self.x: int = 1", "x surely"},
		{"self.x: int", ""},
		{"setattr(self, 'x', 1)", "x surely"},
		{"(y := 1); self.x = y", "x surely"},
		{"with open('a') as self.x: pass", "x surely"},
		{"self.x = 1; del self.x", ""},
		{"for self.x in range(3): pass", "x related"},
		{"for i in range(3):\\n    self.x = i", "x related"},
		{"while True:\\n    self.x = 1\\n    break", "x surely"},
		{"while True:\\n    if f(): break\\n    self.x = 1", "x related"},
		{"while True:\\n    try:\\n        self.x = f()\\n        break\\n    except ValueError:\\n        pass", "x surely"},
		{"if f():\\n    self.x = 1", "x maybe"},
		{"if f():\\n    self.x = 1\\nelse:\\n    self.x = 2", "x surely"},
		{"if f():\\n    self.x = 1\\nelse:\\n    raise ValueError", "x surely"},
		{"if f():\\n    self.x = 1\\nelse:\\n    sys.exit()", "x surely"},
		{"if f():\\n    self.x = 1\\nelif g():\\n    self.x = 2", "x related"},
		{"if self.y:\\n    self.x = 1\\nelif self.z:\\n    self.x = 2", "x related"},
		{"if f():\\n    self.x = 1\\nelif g():\\n    pass", "x maybe"},
		{"if f():\\n    self.x = 1\\nif not f():\\n    self.x = 2", "x related"},
		{"match f():\\n    case 1:\\n        self.x = 1\\n    case 2:\\n        self.x = 2", "x related"},
		{"match f():\\n    case 1:\\n        self.x = 1\\n    case _:\\n        self.x = 2", "x surely"},
		{"try:\\n    self.x = f()\\nexcept ValueError:\\n    pass", "x maybe"},
		{"try:\\n    self.x = f()\\nexcept ValueError:\\n    self.x = 0", "x surely"},
		{"try:\\n    self.x = f()\\nexcept ValueError:\\n    raise", "x surely"},
		{"try:\\n    self.x = 0\\n    f()\\nexcept ValueError:\\n    pass", "x surely"},
		{"try:\\n    f()\\nexcept ValueError:\\n    pass\\nelse:\\n    self.x = 1", "x maybe"},
		{"try:\\n    f()\\nfinally:\\n    self.x = 1", "x surely"},
		{"with suppress(KeyError):\\n    self.x = f()", "x related"},
		{"with torch.no_grad():\\n    self.x = f()", "x surely"},
		{"def g():\\n    self.x = 1\\ng()", "x related"},
		{"f = lambda: 1; self.x = f", ""},
		{"self.x = lambda: 1", ""},
		{"helper(self)", "x unknown"},
		{"setattr(self, name, 1)", "x unknown"},
		{"self.__dict__.update(d)", "x unknown"},
		{"if not hasattr(self, 'x'):\\n    self.x = 1", "x related"},
		{"z = [setattr(self, 'x', i) for i in y]", "x related"},
		{"z = f() and (self.g())", "x maybe"},
		{"self.g()", "x surely"},
		{"self.prop", "x surely"},
		{"self.prop = 1", ""}, {"self.settable = 1", "x surely"},
		{"self.early()", "x related"},
		{"self.recurses()", "x maybe"},
		{"self.calls_two()", "x surely"},
		{"self.static()", ""},
		{"self.wrapped()", "x surely"},
		{"self.items = [1]; self.items.append(2)", ""},
		{"self.gen()", "x related"},
		{"if f():\\n    self.fails()\\nelse:\\n    self.x = 1", "x surely"},
	} {
		src := source("start: z = self.x;" + c.body + " -> end\nend: pass\ndef g: self.x = 1\ndef early: if a:\\n    return\\nself.x = 1\n" +
			"def recurses: if a:\\n    self.x = 1\\nself.recurses()\ndef calls_two: self.g();self.early()\ndef fails: raise ValueError\ndef gen: self.x = 1;yield 1")
		src += "    @property\n    def settable(self):\n        return 1\n    @settable.setter\n    def settable(self, v):\n        self.x = v\n"
		src += "    @property\n    def prop(self):\n        self.x = 1\n    @staticmethod\n    def static(x):\n        x.x = 1\n" +
			"    @timed\n    def wrapped(self):\n        self.x = 1\n"
		s := analyse(t, src).Step("start")
		if got := strings.TrimPrefix(show(s, []string{"x"}), " -> "); got != c.want && !strings.Contains(c.want, "y ") {
			t.Errorf("%s\n got  %s\n want %s", c.body, got, c.want)
		}
		if got := strings.TrimPrefix(show(s, []string{"x", "y", "z"}), " -> "); strings.Contains(c.want, "y ") && got != c.want {
			t.Errorf("%s\n got  %s\n want %s", c.body, got, c.want)
		}
	}
}

func TestBetweenSteps(t *testing.T) {
	for name, c := range map[string]struct {
		flow string
		want map[string]string // by step
	}{
		"linear": {"start: self.x = 1 -> a\na: self.y = self.x;del self.x -> end\nend: pass",
			map[string]string{"a": "x surely -> x surely, y surely", "end": "x surely, y surely -> x surely, y surely"}},
		"a join starts with nothing": {"start: self.x = 1 -> a, b\na: self.y = 1 -> j\nb: self.z = 1 -> j\nj(inputs): self.w = inputs.a.y -> end\nend: pass",
			map[string]string{"a": "x surely -> x surely, y surely", "j": " -> w surely", "end": "w surely -> w surely"}},
		"a join merges": {"start: self.x = 1 -> a, b\na: self.y = 1 -> j\nb: if f():\\n    self.z = 1\nj(inputs): pass",
			map[string]string{"j": "x unknown, y unknown, z unknown -> x unknown, y unknown, z unknown"}}, // b leads nowhere
		"merge all": {"start: self.x = 1 -> a, b\na: self.y = 1 -> j\nb: if f():\\n    self.z = 1 -> j\nj(inputs): self.merge_artifacts(inputs) -> end\nend: pass",
			map[string]string{"j": " -> x surely, y surely, z maybe"}},
		"merge some": {"start: self.x = 1 -> a, b\na: self.y = 1 -> j\nb: self.z = 1 -> j\nj(inputs): self.merge_artifacts(inputs, include=['y']) -> end\nend: pass",
			map[string]string{"j": " -> y surely"}},
		"merge others": {"start: self.x = 1 -> a, b\na: self.y = 1 -> j\nb: self.z = 1 -> j\nj(inputs): self.merge_artifacts(inputs, exclude=['y']) -> end\nend: pass",
			map[string]string{"j": " -> x surely, z surely"}},
		"merge in a helper": {"start: self.x = 1 -> a, b\na: self.y = 1 -> j\nb: self.z = 1 -> j\nj(inputs): self.m(inputs) -> end\nend: pass\ndef m(ins): self.merge_artifacts(ins)",
			map[string]string{"j": " -> x surely, y surely, z surely"}},
		"merge under a condition": {"start: self.x = 1 -> a, b\na: self.y = 1 -> j\nb: self.z = 1 -> j\nj(inputs): if f():\\n    self.merge_artifacts(inputs) -> end\nend: pass",
			map[string]string{"j": " -> x related, y related, z related"}},
		"merge of a foreach": {"start: self.x = [1] -> a, foreach='x'\na: if f():\\n    self.y = 1 -> j\nj(inputs): self.merge_artifacts(inputs) -> end\nend: pass",
			map[string]string{"j": " -> x surely, y related"}},
		"switch": {"start: self.x = 1 -> {'a': self.a, 'b': self.b}, condition='x'\na: self.y = 1;self.z = 1 -> end\nb: self.z = 1 -> end\nend: pass",
			map[string]string{"end": "x surely, y maybe, z surely -> x surely, y maybe, z surely"}},
		"switch that skips": {"start: self.x = 1 -> {'a': self.a, 'b': self.end}, condition='x'\na: self.y = 1 -> end\nend: pass",
			map[string]string{"end": "x surely, y maybe -> x surely, y maybe"}},
		"a condition before a switch": {"start: if f():\\n    self.y = 1 -> {'a': self.a, 'b': self.b}, condition='x'\na: pass -> end\nb: pass -> end\nend: pass",
			map[string]string{"a": "y related -> y related", "end": "y related -> y related"}},
		"a loop": {"start: self.n = 0 -> again\nagain: self.n += 1;self.y = 1 -> {'a': self.again, 'b': self.end}, condition='n'\nend: pass",
			map[string]string{"again": "n surely, y maybe -> n surely, y surely", "end": "n surely, y surely -> n surely, y surely"}},
		"catch": {"start: pass -> a\n@catch(var='err')\na: self.y = None;self.x = f() -> end\nend: pass",
			map[string]string{"a": " -> x maybe, y surely, err surely"}},
		"parameters and constants": {"p = Parameter('p')\nc = 1\nstart: self.x = self.p -> end\nend: pass",
			map[string]string{"end": "p surely, c surely, x surely -> p surely, c surely, x surely"}},
		"constructor": {"def __init__(use_cli=True): self.x = 1;super().__init__(use_cli)\nstart: pass -> a, b\na: pass -> j\nb: pass -> j\nj(inputs): pass -> end\nend: pass",
			map[string]string{"start": "x surely -> x surely", "j": "x surely -> x surely"}},
		"a function is not stored": {"start: self.x = lambda: 1 -> end\nend: pass",
			map[string]string{"start": " -> "}},
		"an escape in a branch": {"start: f(self) -> a, b\na: pass -> j\nb: pass -> j\nj(inputs): self.x = 1 -> end\nend: self.y",
			map[string]string{"a": "x unknown, y unknown -> x unknown, y unknown", "j": " -> x surely"}},
	} {
		facts := analyse(t, source(c.flow))
		names := slices.DeleteFunc([]string{"p", "c", "n", "x", "y", "z", "w", "err"}, func(n string) bool {
			return len(facts.Flow.Attributes[n]) == 0 && !slices.Contains(facts.Names(), n)
		})
		for step, want := range c.want {
			if got := show(facts.Step(step), names); got != want {
				t.Errorf("%s: %s\n got  %s\n want %s", name, step, got, want)
			}
		}
	}
}

// What a step needs, and from which steps it may come.
func TestNeeds(t *testing.T) {
	facts := analyse(t, source(`
		limit = Parameter("limit", default=3)
		start: self.x = 1; self.items = [1, 2]; self.y = 0 -> self.left, self.right
		left: self.x = 2; print(self.limit) -> self.meet
		right: self.z = self.y -> self.meet
		meet(inputs): self.best = inputs.left.x; self.merge_artifacts(inputs, include=["items"]) -> self.work, foreach="items"
		work: self.out = self.input -> self.gather
		gather(inputs): self.all = [i.out for i in inputs]; self._keep() -> self.end
		def _keep(self): self.kept = self.all
		end: print(self.all, self.best)
	`))
	for step, want := range map[string]string{
		"start": "", "left": "", "right": "y:start", "meet": "items:start x:left",
		"work": "items:start", "gather": "all: out:work", "end": "all:gather best:meet",
	} {
		needs, open := facts.Step(step).Needs()
		var got []string
		for name, from := range needs {
			var steps []string
			for _, s := range from {
				steps = append(steps, s.Node.Step.Name)
			}
			slices.Sort(steps)
			got = append(got, name+":"+strings.Join(steps, ","))
		}
		slices.Sort(got)
		if text := strings.Join(got, " "); text != want || open {
			t.Errorf("%s needs %q (open %v), want %q", step, text, open, want)
		}
	}
}
