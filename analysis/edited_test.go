package analysis_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/artifact"
	"flowls/analysis/text"
)

// describeFacts writes everything that is known about the artifacts of a document.
func describeFacts(d *analysis.Document) string {
	var b strings.Builder
	for i := range d.File.Flows {
		facts := d.Artifacts(i)
		fmt.Fprintf(&b, "facts %v %q\n", facts.Closed, facts.Names())
		for _, name := range facts.Names() {
			fmt.Fprintf(&b, "  %s %v\n", name, sites(facts.Sites(name)))
		}
		for _, s := range facts.Steps {
			fmt.Fprintf(&b, "  %s %v %v %v\n", s.Node.Step.Name, s.Opaque, s.UnknownEntry(), s.UnknownExit())
			for _, r := range s.Reads {
				fmt.Fprintf(&b, "    read %s %d %v %v %v%v%v%v%v in %s at %d: %v %v %v\n", r.Name, r.Kind, r.Span, r.Via, r.Conditional, r.Looped, r.Guarded, r.Nested, r.First,
					r.Method.Name, r.Method.Base, s.At(r), s.Lost(r), r.Escaped())
			}
			for _, in := range s.Inputs {
				fmt.Fprintf(&b, "    input %+v\n", *in)
			}
			for _, m := range s.Merges {
				fmt.Fprintf(&b, "    merge %v %+v in %s at %d, %v %+v %+v %v %v %v", m.Span, m.Call, m.Method.Name, m.Method.Base, m.Via, m.Include, m.Exclude, m.Dynamic, m.Partial, m.Conditional)
				for _, name := range facts.Names() {
					surely, maybe := m.Before(name)
					fmt.Fprintf(&b, " %v%v", surely, maybe)
				}
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "    sites %v\n", sites(s.Sites))
			for _, name := range facts.Names() {
				last, only := s.Last(name)
				reached, open := s.Reached(name)
				fmt.Fprintf(&b, "    %s %v %v %v %v %v %v\n", name, s.Entry(name), s.Exit(name), sites(last), only, sites(reached), open)
			}
		}
	}
	return b.String()
}

func sites(list []*artifact.Site) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "{%s %v in %s at %d %+v %v%v%v%v%v%v%v%v}", s.Name, s.Span, s.Method.Name, s.Method.Base, s.Value(),
			s.Augmented, s.Function, s.Inputs, s.Self, s.Item, s.Guarded, s.Catch, s.Conditional)
	}
	return b.String()
}

var word = regexp.MustCompile(`[A-Za-z_][A-Za-z_0-9]*`)

// mutation is an edit as authors make them: most leave valid Python, and many
// change what other methods of the class mean.
func mutation(r *rand.Rand, src []byte) text.Edit {
	lines := bytes.SplitAfter(src, []byte("\n"))
	line := r.IntN(len(lines))
	start := len(bytes.Join(lines[:line], nil))
	whole := text.Span{Start: start, End: start + len(lines[line])}
	words := word.FindAllIndex(src, -1)
	if len(words) == 0 {
		return text.Edit{New: "x"}
	}
	at := words[r.IntN(len(words))]
	other := words[r.IntN(len(words))]
	switch r.IntN(8) {
	case 0: // a line goes
		return text.Edit{Span: whole}
	case 1: // a line appears elsewhere
		return text.Edit{Span: text.Span{Start: start, End: start}, New: string(lines[r.IntN(len(lines))])}
	case 2, 3: // one name for another
		return text.Edit{Span: text.Span{Start: at[0], End: at[1]}, New: string(src[other[0]:other[1]])}
	case 4: // a letter more
		return text.Edit{Span: text.Span{Start: at[1], End: at[1]}, New: "x"}
	case 5: // a letter less
		return text.Edit{Span: text.Span{Start: at[1] - 1, End: at[1]}}
	case 6:
		return text.Edit{Span: text.Span{Start: start, End: start}, New: additions[r.IntN(len(additions))]}
	}
	return text.Edit{Span: text.Span{Start: start, End: start}, New: "\n# said\n"}
}

var additions = []string{
	"        self.x = 1\n", "        print(self.x)\n", "        self.helper()\n", "        self.merge_artifacts(inputs, exclude=[\"x\"])\n",
	"    x = 1\n", "    def helper(self):\n        self.x = self.y\n\n", "    @property\n    def x(self):\n        return 1\n\n",
	"def x():\n    pass\n\n\n", "        if self.x:\n            self.y = x\n", "    def __getattr__(self, name):\n        return 1\n\n",
	"    @catch(var=\"failed\")\n", "        current.card.append(self.x)\n", "        return\n", "    @staticmethod\n", "import x\n",
}

// TestEditingSessions compares each version of sessions that change what the
// methods of a class mean to each other, and take it back, with that version
// made afresh: findings with all their places and fixes, and what is known of
// the artifacts.
func TestEditingSessions(t *testing.T) {
	files := corpus(t)
	versions := 0
	for i, name := range slices.Sorted(maps.Keys(files)) {
		src := files[name]
		if len(src) > 6000 || i%sessionShare != 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(i), 7))
			d := analysis.New(src)
			past := []*text.Text{d.Text}
			for range 24 {
				now := text.Apply(d.Text, []text.Edit{mutation(r, d.Text.Bytes())})
				if r.IntN(3) == 0 { // undo, as far as it likes
					now = past[r.IntN(len(past))]
				}
				past = append(past, now)
				next := d.EditTo(now)
				d.Close()
				d = next
				fresh := analysis.New(now.Bytes())
				if got, want := describe(d)+describeFacts(d), describe(fresh)+describeFacts(fresh); got != want {
					t.Fatalf("edited and afresh differ at:\n%s\nin\n%s", difference(got, want), now.Bytes())
				}
				fresh.Close()
				versions++
			}
			d.Close()
		})
	}
	if versions < 500 {
		t.Errorf("only %d versions", versions)
	}
}

// sessionShare is which part of the corpus is edited: each file of so many.
const sessionShare = 6

// difference is the first line that differs, of both.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "edited: " + a[i] + "\nafresh: " + b[i]
		}
	}
	return fmt.Sprintf("%d and %d lines", len(a), len(b))
}

// TestEditsElsewhere edits what a step depends on but does not hold.
func TestEditsElsewhere(t *testing.T) {
	const src = `import functools
from metaflow import FlowSpec, step, retry


def timed(f):
    @functools.wraps(f)
    def inner(*args):
        return f(*args)
    return inner


class F(FlowSpec, metaclas_=M):
    @step
    @timed
    def start(self):
        self.x = 1
        self.next(self.end)

    @step
    def end(self):
        print(self.y)
`
	for _, change := range [][2]string{
		{"    @functools.wraps(f)\n", ""},
		{"def inner(*args)", "def inner(self, a, b)"},
		{"\n    def inner", "\n    # more\n    def inner"},
		{"return f(*args)", "return setattr(args[0], 'y', 1)"},
		{"    return inner", "    return retry(times=2)(f)"},
		{"    return inner", "    return f"},
		{"metaclas_", "metaclass"}, // nothing moves
		{"import functools\n", "from tools import functools\n"},
		{"\n\nclass F", "\n\ntimed = print\n\n\nclass F"},
		{"\n    @timed", "\n    @timed()"},
	} {
		for _, wrapped := range []bool{true, false} {
			before := src
			if !wrapped {
				before = strings.Replace(src, "    @functools.wraps(f)\n", "", 1)
			}
			d := analysis.New([]byte(before))
			for _, version := range []string{strings.Replace(before, change[0], change[1], 1), before} {
				next := d.EditTo(text.New([]byte(version)))
				d.Close()
				d = next
				fresh := analysis.New([]byte(version))
				if got, want := describe(d)+describeFacts(d), describe(fresh)+describeFacts(fresh); got != want {
					t.Errorf("%q: edited and afresh differ at:\n%s\nin\n%s", change, difference(got, want), version)
				}
				fresh.Close()
			}
			d.Close()
		}
	}
}
