package difftest

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis"
	"flowls/analysis/flow"
	"flowls/analysis/rule"
)

// differences lists in what the analysis of a file differs from Metaflow's
// verdict: nothing, or one line each.
func differences(src []byte, v verdict) []string {
	doc := analysis.New(src)
	defer doc.Close()
	return compare(doc.File.Flows, doc.Diagnostics, v)
}

func holdsFlow(src []byte) bool {
	doc := analysis.New(src)
	defer doc.Close()
	return len(doc.File.Flows) > 0
}

const silentSinceOpen = "ours: silent, since open"

func compare(flows []*flow.Flow, found []rule.Diagnostic, v verdict) []string {
	var out []string
	if v.Error != "" {
		if len(errorsOf(found, "")) == 0 {
			out = append(out, fmt.Sprintf("Python: %s; ours: no error", v.Error))
		}
		return out
	}
	for _, real := range v.Flows {
		i := lastIndex(flows, real.Flow)
		if i < 0 {
			out = append(out, real.Flow+": the analysis does not see this flow")
			continue
		}
		ours := slices.DeleteFunc(errorsOf(found, real.Flow), func(d rule.Diagnostic) bool { return overwritten(flows[:i], real.Flow, d) })
		if v.neverLinted(real) {
			if len(ours) > 0 {
				out = append(out, fmt.Sprintf("%s is a base that nothing runs; ours: %s", real.Flow, list(ours)))
			}
			continue
		}
		if d := compareFlow(flows[i], ours, real); d != "" {
			out = append(out, real.Flow+": "+d)
		}
	}
	for _, d := range errorsOf(found, "") {
		if !slices.ContainsFunc(v.Flows, func(r flowVerdict) bool { return r.Flow == d.Flow }) {
			out = append(out, "an error outside of every flow of Metaflow: "+list([]rule.Diagnostic{d}))
		}
	}
	return out
}

// compareFlow: same verdict, and Metaflow's first finding is among ours.
func compareFlow(f *flow.Flow, ours []rule.Diagnostic, real flowVerdict) string {
	switch {
	case real.OK && len(ours) > 0:
		return "Metaflow accepts it; ours: " + list(ours)
	case real.OK:
		return ""
	case len(ours) == 0 && f.Open:
		return fmt.Sprintf("Metaflow: %s; %s: %s", real.String(), silentSinceOpen, f.OpenReason)
	case len(ours) == 0:
		return fmt.Sprintf("Metaflow: %s; ours: no error", real.String())
	case real.Crash != "": // the linter's own death names no finding
		return ""
	}
	same := func(d rule.Diagnostic) bool {
		return d.MetaflowCheck == real.Check && d.MetaflowLine == real.Line && (d.MetaflowFile == "" || d.MetaflowFile == real.Source)
	}
	if !slices.ContainsFunc(ours, same) && !f.Open {
		return fmt.Sprintf("Metaflow: %s; ours lacks it: %s", real.String(), list(ours))
	}
	return ""
}

// neverLinted: a class that others of the file build on, which the file does not run itself.
func (v verdict) neverLinted(f flowVerdict) bool {
	return !f.Run && slices.ContainsFunc(v.Flows, func(o flowVerdict) bool { return slices.Contains(o.Bases, f.Flow) })
}

func (f flowVerdict) String() string {
	return fmt.Sprintf("%s line %d %q %s", f.Check, f.Line, f.Message, f.Crash)
}

// overwritten: the finding is in a class that a later one of the same name replaces.
func overwritten(earlier []*flow.Flow, name string, d rule.Diagnostic) bool {
	return slices.ContainsFunc(earlier, func(f *flow.Flow) bool {
		return f.Name == name && f.Span.Start <= d.Span.Start && d.Span.End <= f.Span.End
	})
}

func lastIndex(flows []*flow.Flow, name string) int {
	for i, f := range slices.Backward(flows) {
		if f.Name == name {
			return i
		}
	}
	return -1
}

// errorsOf are the findings of error severity about what the linter checks, of
// a flow, or of all flows for "". The rules behind MF129 are held to what
// happens in a run instead.
func errorsOf(found []rule.Diagnostic, flow string) []rule.Diagnostic {
	var out []rule.Diagnostic
	for _, d := range found {
		if d.Rule.Severity == rule.Error && d.Rule.Code < "MF130" && (flow == "" || d.Flow == flow) {
			out = append(out, d)
		}
	}
	return out
}

func list(found []rule.Diagnostic) string {
	lines := make([]string, len(found))
	for i, d := range found {
		lines[i] = fmt.Sprintf("%s %s line %d %q", d.Rule.Code, d.MetaflowCheck, d.MetaflowLine, d.Message)
	}
	return strings.Join(lines, " | ")
}
