package podtrouble

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/runner/preflight"
	"flowls/server/kubestep"
	"flowls/server/stepedit"
)

// Fit is a step as the file has it now, beside what its cluster has.
type Fit struct {
	Step    *kubestep.Step
	Cluster *preflight.Inventory // nil until it was listed, or if it may not be
}

// Words are what the cluster would take, in lines.
func (f *Fit) Words(t Trouble) (lines []string) {
	if f == nil || f.Cluster == nil {
		return nil
	}
	for _, found := range preflight.Check(f.Cluster, &f.Step.Request) {
		if found.Placing() {
			lines = append(lines, Sentence(found.Message)+".")
		}
	}
	full := strings.Contains(t.First.Message, "too little") || strings.Contains(t.First.Message, "as many pods as it may")
	if lines == nil && full && preflight.Room(f.Cluster, &f.Step.Request) {
		lines = []string{"The cluster has a node that can take it once what runs there has ended."}
	}
	return lines
}

// fixes have the step ask for what some node can give, or tolerate what keeps it
// away. f may be nil.
func (f *Fit) fixes(src *text.Text, t Trouble) (fixes []rule.Fix) {
	if f == nil {
		return nil
	}
	if f.Cluster != nil {
		if less := preflight.Lower(f.Cluster, &f.Step.Request); less != nil {
			instead, words := map[string]string{}, []string{}
			for _, l := range less {
				instead[l.Argument] = l.Instead
				words = append(words, l.Text)
			}
			fixes = append(fixes, changes(src, "Ask for "+strings.Join(words, " and ")+", which a node can give", f.Step.Lower(instead))...)
		}
	}
	if taints := f.taints(t); taints != nil {
		var tolerations []preflight.Toleration
		for _, taint := range taints {
			tolerations = append(tolerations, taint.Toleration())
		}
		fixes = append(fixes, changes(src, "Tolerate the "+taintWords(taints), f.Step.Tolerate(tolerations...))...)
	}
	return fixes
}

// taints keep the step away from nodes that have what it asks for: as the cluster
// lists them, else as the scheduler names it.
func (f *Fit) taints(t Trouble) []preflight.Taint {
	if f.Cluster != nil && f.Cluster.Nodes != nil {
		return preflight.Tolerable(f.Cluster, &f.Step.Request)
	}
	named := namedTaint().FindAllStringSubmatch(t.First.Message, -1)
	if len(named) != 1 { // which of them to tolerate is for people to say
		return nil
	}
	key, value, _ := strings.Cut(named[0][1], "=")
	taint := preflight.Taint{Key: key, Value: value, Effect: "NoSchedule"}
	if taint.OfCluster() || f.Step.Request.Tolerates(taint) {
		return nil
	}
	return []preflight.Taint{taint}
}

var namedTaint = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("by taint `([^`]+)`") })

func taintWords(taints []preflight.Taint) string {
	var names []string
	for _, t := range taints {
		names = append(names, "`"+t.String()+"`")
	}
	if len(names) == 1 {
		return "taint " + names[0]
	}
	return "taints " + strings.Join(names, ", ")
}

// changes is one fix, none if there is nothing to change. It is for the user to
// decide: less may not be enough for the work.
func changes(src *text.Text, title string, changes []kubestep.Change) []rule.Fix {
	var edits []text.Edit
	added := map[*flow.Decorator][]string{}
	for _, c := range changes {
		if c.To == nil {
			edits = append(edits, text.Edit{Span: c.Span, New: c.New})
		} else {
			added[c.To] = append(added[c.To], c.New)
		}
	}
	for to, arguments := range added {
		edits = append(edits, stepedit.AddArgument(src, to, strings.Join(arguments, ", "), "").Edits...)
	}
	if edits == nil {
		return nil
	}
	// Edits are applied from the last one to the first.
	slices.SortFunc(edits, func(a, b text.Edit) int { return b.Span.Start - a.Span.Start })
	return []rule.Fix{{Title: title, Edits: edits}}
}
