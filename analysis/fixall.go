package analysis

import (
	"cmp"
	"slices"

	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// maxTried bounds how many fixes are tried one by one.
const maxTried = 64

// FixAll gives the edits of the preferred fixes of findings that are safe
// together: they do not touch each other, the text still parses, what they
// mend is gone and there are fewer findings than before. The edits are sorted
// from the end to the start; fixed is how many findings they are for.
func (d *Document) FixAll(found []rule.Diagnostic) (edits []text.Edit, fixed int) {
	var fixes [][]text.Edit
	for _, f := range found {
		if fix, ok := f.Preferred(); ok {
			fixes = append(fixes, fix.Edits)
		}
	}
	edits, fixed = join(fixes)
	if fixed == 0 || d.better(edits, fixed) {
		return edits, fixed
	}
	var chosen [][]text.Edit
	edits, fixed = nil, 0
	for _, fix := range fixes[:min(len(fixes), maxTried)] {
		more, n := join(append(slices.Clip(chosen), fix))
		if n > fixed && d.better(more, n) {
			chosen, edits, fixed = append(chosen, fix), more, n
		}
	}
	return edits, fixed
}

// better reports whether the text is better by n findings after the edits.
func (d *Document) better(edits []text.Edit, n int) bool {
	after := New(text.Apply(d.Text, edits).Bytes())
	defer after.Close()
	return len(after.File.SyntaxErrors) <= len(d.File.SyntaxErrors) &&
		after.count(rule.Error) <= d.count(rule.Error) && after.count(rule.Hint)+n <= d.count(rule.Hint)
}

// count is the number of findings of a severity or worse.
func (d *Document) count(least rule.Severity) int {
	n := 0
	for _, f := range d.Diagnostics {
		if f.Rule.Severity >= least {
			n++
		}
	}
	return n
}

// join puts fixes together, leaving out one that touches another before it;
// several findings may have the same fix.
func join(fixes [][]text.Edit) (edits []text.Edit, count int) {
	for _, fix := range fixes {
		var added []text.Edit
		fits := true
		for _, e := range fix {
			if slices.Contains(edits, e) {
				continue
			}
			fits = fits && !slices.ContainsFunc(edits, func(o text.Edit) bool { return touch(e.Span, o.Span) })
			added = append(added, e)
		}
		if fits {
			edits = append(edits, added...)
			count++
		}
	}
	slices.SortStableFunc(edits, func(a, b text.Edit) int { return cmp.Compare(b.Span.Start, a.Span.Start) })
	return edits, count
}

func touch(a, b text.Span) bool { return a.Start <= b.End && b.Start <= a.End }
