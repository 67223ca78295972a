package analysis_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// reveals says which rules a fix may bring to light: they stay silent as long
// as the step graph is broken, or a decorator is not known by its name.
func reveals(by *rule.Rule) func(code string) bool {
	switch by.Code {
	case "MF301", "MF303":
		return ofDecorators
	case "MF302", "MF323": // a parameter, or current, that is one only with its import
		return func(code string) bool { return ofDecorators(code) || code >= "MF200" }
	case "MF102", "MF104", "MF105", "MF107", "MF115", "MF138": // a transition that leads nowhere, a method that is no step, whose decorators count then
		return ofDecorators
	case "MF201": // the right name may be that of a helper that goes on
		return func(code string) bool { return code == "MF134" }
	}
	return func(code string) bool {
		// What is no graph has no data flow either.
		return (by.Code < "MF130" || by.Code == "MF139") && code >= "MF130" && ofSteps(code)
	}
}

func ofSteps(code string) bool {
	return code < "MF300" || code >= "MF340" && code < "MF400" || code >= "MF500"
}

func ofDecorators(code string) bool {
	return ofSteps(code) || code >= "MF300" && code < "MF340"
}

// tryFixes applies every fix of a document by itself: what parsed still
// parses, the finding is gone, and no other error has come. Of a file that
// Python cannot read nothing is asked but to survive.
func tryFixes(t *testing.T, d *analysis.Document) int {
	t.Helper()
	applied := 0
	before := map[string]int{} // by code, errors only
	for _, f := range d.Diagnostics {
		before[f.Rule.Code]++
	}
	for _, f := range d.Diagnostics {
		for _, fix := range f.Fixes {
			if len(fix.Edits) == 0 {
				continue
			}
			applied++
			fixed := d.Edit(sequential(fix.Edits))
			where := func() string {
				return fmt.Sprintf("%s %q of %s, fixed by %q:\n%s\nbecomes\n%s", f.Rule.Code, f.Message, f.Step, fix.Title, d.Text.Bytes(), fixed.Text.Bytes())
			}
			if len(d.File.SyntaxErrors) > 0 {
				fixed.Close() // what an unfinished file means changes with every letter
				continue
			}
			if len(fixed.File.SyntaxErrors) > 0 {
				t.Errorf("does not parse any more: %s", where())
			}
			after, left := map[string]int{}, 0
			for _, g := range fixed.Diagnostics {
				if g.Severity() >= rule.Error {
					after[g.Rule.Code]++
				}
				if g.Rule == f.Rule && identity(fixed, g) == identity(d, f) && g.Span.Start == moved(f.Span.Start, fix.Edits) {
					left++
				}
			}
			if left > 0 {
				t.Errorf("the finding stays: %s", where())
			}
			for code, n := range after {
				// Of two mistakes in one call, the first hides the second.
				call := code[:3] == f.Rule.Code[:3] && code >= "MF200"
				if n > before[code] && !call && !reveals(f.Rule)(code) {
					t.Errorf("brings %s: %s", code, where())
				}
			}
			fixed.Close()
		}
	}
	return applied
}

// moved is where an offset is after edits that end before it.
func moved(offset int, edits []text.Edit) int {
	by := 0
	for _, e := range edits {
		if e.Span.End <= offset {
			by += len(e.New) - e.Span.Len()
		}
	}
	return offset + by
}

func identity(d *analysis.Document, f rule.Diagnostic) string {
	return strings.Join([]string{f.Rule.Code, f.Flow, f.Step, d.Text.Slice(f.Span), f.Message}, "|")
}

// sequential turns edits of one text, as a client applies them, into edits
// that are applied one after the other: from the end.
func sequential(edits []text.Edit) []text.Edit {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b text.Edit) int { return b.Span.Start - a.Span.Start })
	return sorted
}

// TestFixesOfEveryRule takes the bad example of each rule, with each ending of
// lines and with tabs.
func TestFixesOfEveryRule(t *testing.T) {
	for _, r := range rule.All() {
		_, code, _ := strings.Cut(r.Bad, "```python\n")
		code, _, _ = strings.Cut(code, "```")
		for _, src := range []string{code, strings.ReplaceAll(code, "\n", "\r\n"), strings.ReplaceAll(code, "    ", "\t")} {
			d := analysis.New([]byte(src))
			tryFixes(t, d)
			d.Close()
		}
	}
}

// TestFixesOfStarInputs: a name that stands among the arguments is not taken once more.
func TestFixesOfStarInputs(t *testing.T) {
	for _, arguments := range []string{"self, *inputs", "self, *, inputs=None", "self"} {
		d := analysis.New([]byte(strings.Replace(meeting, "ARGUMENTS", arguments, 1)))
		if !slices.ContainsFunc(d.Diagnostics, func(f rule.Diagnostic) bool { return f.Rule.Code == "MF206" }) {
			t.Errorf("%s: %+v", arguments, d.Diagnostics)
		}
		tryFixes(t, d)
		d.Close()
	}
}

const meeting = `from metaflow import FlowSpec, step


class Meet(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.both)

    @step
    def b(self):
        self.next(self.both)

    @step
    def both(ARGUMENTS):
        self.merge_artifacts(inputs)
        self.next(self.end)

    @step
    def end(self):
        pass
`

// TestFixesOfSlips makes one slip of the pen in flows that are fine, again and
// again, and tries what is offered.
func TestFixesOfSlips(t *testing.T) {
	files := corpus(t)
	applied := 0
	for i, name := range slices.Sorted(maps.Keys(files)) {
		src := files[name]
		if !strings.HasPrefix(name, "valid/") || len(src) > 6000 {
			continue
		}
		r := rand.New(rand.NewPCG(uint64(i), 11))
		d := analysis.New(src)
		for range 4 {
			slipped := d.Edit([]text.Edit{slip(r, src)})
			applied += tryFixes(t, slipped)
			slipped.Close()
		}
		d.Close()
	}
	if applied < 50 {
		t.Errorf("only %d fixes were offered", applied)
	}
}

// slip drops a line, or a letter of a word.
func slip(r *rand.Rand, src []byte) text.Edit {
	at := r.IntN(len(src))
	if r.IntN(3) > 0 {
		end := at + 1
		for end < len(src) && (src[end]&0xC0) == 0x80 {
			end++
		}
		for at > 0 && (src[at]&0xC0) == 0x80 {
			at--
		}
		return text.Edit{Span: text.Span{Start: at, End: end}}
	}
	start, end := at, at
	for start > 0 && src[start-1] != '\n' {
		start--
	}
	for end < len(src) && src[end] != '\n' {
		end++
	}
	return text.Edit{Span: text.Span{Start: start, End: min(end+1, len(src))}}
}

func FuzzFixes(f *testing.F) {
	f.Add(uint64(1), []byte(unknownTarget))
	for _, r := range rule.All() {
		_, code, _ := strings.Cut(r.Bad, "```python\n")
		code, _, _ = strings.Cut(code, "```")
		f.Add(uint64(2), []byte(code))
	}
	f.Fuzz(func(t *testing.T, seed uint64, src []byte) {
		if len(src) == 0 || len(src) > 6000 {
			return
		}
		d := analysis.New(src)
		defer d.Close()
		slipped := d.Edit([]text.Edit{slip(rand.New(rand.NewPCG(seed, 12)), src)})
		defer slipped.Close()
		tryFixes(t, slipped)
	})
}
