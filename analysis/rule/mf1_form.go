package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// nextKeywords are the keyword arguments of self.next.
var nextKeywords = []string{"foreach", "num_parallel", "condition"}

// form is what a self.next that Metaflow cannot follow was meant to be.
type form struct {
	c    *checker
	base int
	call *flow.Value
	// message says the first thing that is wrong.
	message string
	edits   []text.Edit
	titles  []string
	unfixed bool // something is wrong that no edit mends
}

// wrongForm says what is wrong in the last transition of a step, with a fix if
// its edits make a form that Metaflow follows; "" if it is not clear.
func (c *checker) wrongForm(n *graph.Node) (string, []Fix) {
	op := lastTransition(n.Step)
	if op == nil || op.Value.Kind != flow.Call || n.Step.Broken {
		return "", nil
	}
	f := &form{c: c, base: n.Step.Method.Base, call: op.Value}
	switch {
	case len(f.call.Items) == 0 && !f.call.Unpacks:
		f.say("This `self.next(...)` names no step: write `self.next(self.<step>)`.")
	case len(f.call.Items) == 1 && f.call.Items[0].Kind == flow.Dict:
		f.dictionary(f.call.Items[0])
	case len(f.call.Items) == 1 && (f.call.Items[0].Kind == flow.List || f.call.Items[0].Kind == flow.Tuple):
		f.list(f.call.Items[0])
	default:
		for _, target := range f.call.Items {
			f.target(target)
		}
	}
	f.keywords()
	if f.unfixed || f.call.Unpacks || len(f.edits) == 0 {
		return f.message, nil
	}
	return f.message, []Fix{{Title: "Write " + strings.Join(f.titles, ", "), Preferred: true, Edits: f.edits}}
}

// say keeps what is wrong, and that no edit mends it.
func (f *form) say(message string) {
	f.unfixed = true
	if f.message == "" {
		f.message = message
	}
}

// mend keeps what is wrong and how it is mended.
func (f *form) mend(at text.Span, written, message string) {
	if f.message == "" {
		f.message = message
	}
	f.edits = append(f.edits, text.Edit{Span: at.Shift(f.base), New: written})
	f.titles = append(f.titles, written)
}

func (f *form) slice(v flow.Value) string { return f.c.file.Slice(v.Span.Shift(f.base)) }

// target is an argument, or the value of a case, which must be `self.<step>`.
func (f *form) target(v flow.Value) {
	name, ofSelf := strings.CutPrefix(v.Text, "self.")
	step := f.c.graph.Nodes[name] != nil
	switch {
	case v.Kind == flow.Name && strings.Contains(v.Text, "."):
		f.unfixed = f.unfixed || !ofSelf || strings.Contains(name, ".")
	case v.Kind == flow.Call && ofSelf && step && len(v.Items) == 0 && len(v.Keywords) == 0 && !v.Unpacks:
		f.mend(v.Span, "self."+name, fmt.Sprintf("`%s` calls the step instead of naming it. Write `self.%s`.", f.slice(v), name))
	case v.Kind == flow.String && !ofSelf && step:
		f.mend(v.Span, "self."+name, fmt.Sprintf("A step is named by its method, not by a string. Write `self.%s`.", name))
	case v.Kind == flow.Name && step:
		f.mend(v.Span, "self."+name, fmt.Sprintf("Metaflow reads the names of steps from the text, and `%s` is a variable. Write `self.%s`.", name, name))
	case v.Kind == flow.Choice:
		f.say("Metaflow cannot follow `... if ... else ...` here. A choice between steps is a switch: store what decides in an artifact `kind`, and write `self.next({\"x\": self.a, \"y\": self.b}, condition=\"kind\")`.")
	default:
		f.unfixed = true
	}
}

// list is a list of steps, which are arguments of their own.
func (f *form) list(v flow.Value) {
	if len(v.Items) == 0 || v.Unpacks {
		f.unfixed = true
		return
	}
	for _, item := range v.Items {
		if name, ok := strings.CutPrefix(item.Text, "self."); item.Kind != flow.Name || !ok || strings.Contains(name, ".") {
			f.unfixed = true
			return
		}
	}
	steps := f.c.file.Slice(v.Span.Shift(f.base))
	if len(steps) < 2 || steps[0] != '[' && steps[0] != '(' {
		f.unfixed = true
		return
	}
	f.mend(v.Span, steps[1:len(steps)-1], "The steps of a split are arguments of their own, not items of a list.")
	f.unfixed = f.unfixed || len(f.call.Keywords) > 0
}

// dictionary is the argument of a switch.
func (f *form) dictionary(v flow.Value) {
	for _, item := range v.Items {
		f.target(item)
	}
	f.unfixed = f.unfixed || v.Unpacks
	for _, k := range v.Keys {
		f.unfixed = f.unfixed || k.Kind != flow.String && k.Kind != flow.Int && k.Kind != flow.Bool
	}
	if len(f.call.Keywords) == 0 {
		f.say("A switch needs `condition=`, with the name of the artifact that chooses the case as a string.")
	}
}

func (f *form) keywords() {
	dictionary := len(f.call.Items) == 1 && f.call.Items[0].Kind == flow.Dict
	for _, k := range f.call.Keywords {
		name := k.Name
		if name != "" && !slices.Contains(nextKeywords, name) {
			name = nearest(strings.ReplaceAll(name, "_", ""), []string{"foreach", "numparallel", "condition"})
			if name == "numparallel" {
				name = "num_parallel"
			}
			if name == "" {
				f.say(fmt.Sprintf("`self.next` has no argument `%s`: it takes `foreach=`, `num_parallel=` and `condition=`.", k.Name))
				continue
			}
			f.mend(k.NameSpan, name, fmt.Sprintf("`self.next` has no argument `%s`. Did you mean `%s`?", k.Name, name))
		}
		f.keyword(name, k.Value, dictionary)
	}
	f.unfixed = f.unfixed || len(f.call.Keywords) > 1
}

func (f *form) keyword(name string, v flow.Value, dictionary bool) {
	switch name {
	case "condition":
		artifact, ofSelf := strings.CutPrefix(v.Text, "self.")
		switch {
		case !dictionary:
			f.say("`condition=` belongs to a switch, whose steps stand in a dictionary: `self.next({\"x\": self.a, \"y\": self.b}, condition=\"kind\")`.")
		case v.Kind == flow.Name && ofSelf && !strings.Contains(artifact, "."):
			f.mend(v.Span, `"`+artifact+`"`, fmt.Sprintf("`condition=` takes the name of an artifact as a string. Write `condition=\"%s\"`.", artifact))
		case v.Kind != flow.String:
			f.say("`condition=` takes the name of an artifact as a string. Store what decides in an artifact, and write its name in quotes.")
		case v.Text == "":
			f.say("`condition=` names no artifact.")
		}
	case "foreach", "num_parallel":
		switch {
		case dictionary:
			f.say(fmt.Sprintf("A switch cannot be combined with `%s=`.", name))
		case len(f.call.Items) > 1:
			f.say(fmt.Sprintf("`%s=` leads to exactly one step.", name))
		}
		f.unfixed = f.unfixed || name == "foreach" && (v.Kind != flow.String || v.Text == "")
	default:
		f.unfixed = true
	}
}
