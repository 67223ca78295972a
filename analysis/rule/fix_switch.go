package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// choice is a self.next that becomes an assignment of the key of its target.
type choice struct {
	span   text.Span
	target string
}

// switchAtEnd rewrites the `if` that ends a step, each arm of which ends with
// self.next(self.x), into assignments and a switch behind it.
func (c *checker) switchAtEnd(n *graph.Node, last *flow.Op) []Fix {
	src, indent := c.file.Text, c.bodyIndent(n)
	choices, ok := c.arms(n, last, nil)
	calls := nextCalls(n.Step.Method.Code().Ops, nil)
	if !ok || len(choices) != len(calls) || indent == "" || !c.maySwitch(n, choices) {
		return nil
	}
	name := c.freeName()
	end := src.LineSpan(src.Line(n.Step.Span.End)).End
	edits := insert(end, src.LineEnding()+indent+switchCall(choices, name))
	return []Fix{{Title: "Use a switch", Edits: append(edits, assignKeys(choices, name)...)}}
}

// arms are the transitions at the ends of all arms; false if an arm ends otherwise.
func (c *checker) arms(n *graph.Node, op *flow.Op, found []choice) ([]choice, bool) {
	if op.Kind != flow.OpIf || !op.Exhaustive {
		return nil, false
	}
	for _, b := range op.Blocks {
		if len(b) == 0 {
			return nil, false
		}
		last, ok := &b[len(b)-1], true
		switch last.Kind {
		case flow.OpRaise:
		case flow.OpIf:
			found, ok = c.arms(n, last, found)
		default:
			var one choice
			one, ok = c.choiceOf(n, last)
			found = append(found, one)
		}
		if !ok {
			return nil, false
		}
	}
	return found, true
}

// choiceOf reads self.next(self.x), a statement of its own.
func (c *checker) choiceOf(n *graph.Node, op *flow.Op) (choice, bool) {
	if op.Kind != flow.OpNext || len(op.Value.Items) != 1 || len(op.Value.Keywords) > 0 || op.Value.Unpacks || op.Value.Items[0].Kind != flow.Name {
		return choice{}, false
	}
	target, own := strings.CutPrefix(op.Value.Items[0].Text, "self.")
	node := c.graph.Nodes[target]
	span := op.Span.Shift(n.Step.Method.Base)
	// A switch must not lead straight into a join.
	if !own || node == nil || len(node.Step.Args) > 1 || !c.endsStatement(span) {
		return choice{}, false
	}
	return choice{span, target}, true
}

// endsStatement reports whether a call is a whole statement: before it stands
// the start of a line or a colon or semicolon, behind it the end of one.
func (c *checker) endsStatement(span text.Span) bool {
	before, _ := c.indentAt(span.Start)
	before = strings.TrimRight(before, " \t\f")
	behind := trimLeft(c.file.Slice(text.Span{Start: span.End, End: c.lineSpan(span.End).End}))
	return (before == "" || strings.HasSuffix(before, ":") || strings.HasSuffix(before, ";")) && (behind == "" || behind[0] == '#')
}

// maySwitch: a switch needs two targets, and a join cannot be one.
func (c *checker) maySwitch(n *graph.Node, choices []choice) bool {
	return len(n.Step.Args) == 1 && c.whole() && slices.ContainsFunc(choices, func(o choice) bool { return o.target != choices[0].target })
}

// assignKeys replaces each transition, the last one first.
func assignKeys(choices []choice, name string) []text.Edit {
	var edits []text.Edit
	for _, o := range slices.Backward(choices) {
		edits = append(edits, text.Edit{Span: o.span, New: fmt.Sprintf("self.%s = \"%s\"", name, o.target)})
	}
	return edits
}

func switchCall(choices []choice, name string) string {
	var cases []string
	for _, o := range choices {
		if one := fmt.Sprintf("\"%s\": self.%s", o.target, o.target); !slices.Contains(cases, one) {
			cases = append(cases, one)
		}
	}
	return fmt.Sprintf("self.next({%s}, condition=\"%s\")", strings.Join(cases, ", "), name)
}

// freeName is a name for the artifact that holds the choice.
func (c *checker) freeName() string {
	body := c.file.Slice(c.flow.Span)
	for _, name := range []string{"branch", "next_step", "chosen_step"} {
		if !strings.Contains(body, name) {
			return name
		}
	}
	for i := 2; ; i++ {
		if name := fmt.Sprintf("chosen_step_%d", i); !strings.Contains(body, name) {
			return name
		}
	}
}

// switchInstead turns `if …: self.next(self.a)` before a final self.next(self.b)
// into a switch: the choice is b, unless the if says a.
func (c *checker) switchInstead(n *graph.Node, first *flow.Op) []Fix {
	ops := n.Step.Method.Code().Ops
	last := lastTransition(n.Step)
	if calls := nextCalls(ops, nil); last == nil || len(calls) != 2 || calls[0] != first {
		return nil
	}
	early, ok := c.choiceOf(n, first)
	late, also := c.choiceOf(n, last)
	i := slices.IndexFunc(ops, func(op flow.Op) bool { return op.Kind == flow.OpIf && op.Span.Contains(first.Span.Start) })
	if !ok || !also || i < 0 || !slices.ContainsFunc(ops[i].Blocks, func(b []flow.Op) bool { return len(b) > 0 && &b[len(b)-1] == first }) {
		return nil
	}
	at := ops[i].Span.Start + n.Step.Method.Base
	indent, alone := c.indentAt(at)
	if !alone || indent != c.bodyIndent(n) || !c.maySwitch(n, []choice{early, late}) {
		return nil
	}
	name := c.freeName()
	edits := []text.Edit{
		{Span: late.span, New: switchCall([]choice{early, late}, name)},
		{Span: early.span, New: assignKeys([]choice{early}, name)[0].New},
	}
	edits = append(edits, insert(at, fmt.Sprintf("self.%s = \"%s\"%s%s", name, late.target, c.file.Text.LineEnding(), indent))...)
	return []Fix{{Title: "Use a switch", Edits: edits}}
}

// removeCall takes away a self.next that has a line of its own and is not
// alone in its block.
func (w *pathWalk) removeCall(op *flow.Op) []Fix {
	if !isTop(w.method.Code().Ops, op) {
		return nil
	}
	if edits := w.removeLine(op.Span.Shift(w.method.Base)); edits != nil {
		return []Fix{{Title: "Remove self.next(...)", Edits: edits, Preferred: true}}
	}
	return nil
}
