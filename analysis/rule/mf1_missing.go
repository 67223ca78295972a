package rule

import (
	"fmt"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// missingTransition: the last statement of a step is no self.next(...).
func (c *checker) missingTransition(n *graph.Node) {
	s := n.Step
	d := c.atDef(missingTransition, n, fmt.Sprintf("Step `%s` does not end with `self.next(...)`. Make `self.next(...)` the last statement of the step, outside of any block.", s.Name))
	if len(s.Args) == 2 {
		// Metaflow calls this "both a join step and a split step".
		d.MetaflowCheck = joinAndSplit.MetaflowCheck
	}
	switch {
	case len(s.Args) > 0 && s.Args[0].Name != "self":
		d.Message = fmt.Sprintf("Step `%s` does not end with `self.next(...)`: its first parameter must be called `self`, not `%s`.", s.Name, s.Args[0].Name)
	case len(s.Args) > 0 && !s.Broken:
		c.explainMissing(n, &d)
	}
	c.report(d)
}

// explainMissing says what stands in the place of the transition.
func (c *checker) explainMissing(n *graph.Node, d *Diagnostic) {
	s := n.Step
	ops, base := s.Method.Code().Ops, s.Method.Base
	calls := nextCalls(ops, nil)
	if len(calls) == 0 {
		if op := c.misspeltNext(s); op != nil {
			c.explainMisspelt(n, op, d)
			return
		}
		if !c.mayGoOn(n) {
			d.Fixes = c.appendNext(n)
		}
		c.explainHelper(n, d)
		return
	}
	for i, call := range calls {
		if i < 5 {
			d.Related = append(d.Related, Related{call.Span.Shift(base), "Metaflow does not see this one"})
		}
	}
	last := &ops[len(ops)-1]
	switch {
	case last.Kind == flow.OpReturn && len(ops) > 1 && ops[len(ops)-2].Kind == flow.OpNext && last.Value.Span == ops[len(ops)-2].Span:
		d.Message = fmt.Sprintf("Metaflow does not see a `self.next(...)` behind `return`. Write it without `return`, as the last statement of `%s`.", s.Name)
		d.Fixes = c.dropReturn(last.Span.Shift(base), last.Value.Span.Shift(base))
	case last.Kind == flow.OpReturn && !last.Value.Known() && len(ops) > 1 && ops[len(ops)-2].Kind == flow.OpNext:
		d.Message = fmt.Sprintf("Step `%s` must end with `self.next(...)`: Metaflow does not see it before another statement. Remove the `return` behind it.", s.Name)
		if edits := c.removeLine(last.Span.Shift(base)); edits != nil {
			d.Fixes = []Fix{{Title: "Remove return", Edits: edits, Preferred: true}}
		}
	case last.Kind == flow.OpNext || calls[len(calls)-1].Kind == flow.OpNext && isTop(ops, calls[len(calls)-1]):
		d.Message = fmt.Sprintf("Step `%s` must end with `self.next(...)`: Metaflow does not see it before another statement. Move it to the end of the step.", s.Name)
		if len(calls) == 1 {
			d.Fixes = c.moveToEnd(n, calls[0].Span.Shift(base))
		}
		for _, item := range calls[len(calls)-1].Value.Items {
			name, ours := strings.CutPrefix(item.Text, s.Method.Code().Self+".")
			if !ours || c.graph.Nodes[name] != nil || !bindsLocal(ops, name) {
				continue
			}
			if why, at := c.misplaced(name); why != "" {
				d.Message, d.Fixes = why, nil
				d.Related = append(d.Related, Related{at, "the function"})
			}
		}
	case last.Kind == flow.OpIf:
		d.Message = fmt.Sprintf("Metaflow does not see a `self.next(...)` inside of `if`. To choose the step behind `%s` at run time, use a switch: store the choice in an artifact, and end with `self.next({\"a\": self.a, \"b\": self.b}, condition=\"artifact\")`.", s.Name)
		if len(s.Args) > 1 {
			d.Message = fmt.Sprintf("Metaflow does not see a `self.next(...)` inside of `if`. A join cannot choose the next step: end `%s` with one `self.next(...)`, and use a switch in a new step behind it.", s.Name)
		}
		d.Fixes = c.switchAtEnd(n, last)
	case last.Kind == flow.OpWith:
		d.Message = fmt.Sprintf("Metaflow does not see a `self.next(...)` inside of `with`. Move it behind the block, to the end of `%s`.", s.Name)
		d.Fixes = c.outOfBlock(n, last)
	case last.Kind == flow.OpTry:
		d.Message = fmt.Sprintf("Metaflow does not see a `self.next(...)` inside of `try`. Move it behind the block, to the end of `%s`.", s.Name)
	case last.Kind == flow.OpLoop:
		d.Message = fmt.Sprintf("Metaflow does not see a `self.next(...)` inside of a loop. Move it behind the loop; to run a step once per item, use `self.next(self.a, foreach=\"items\")` at the end of `%s`.", s.Name)
	}
}

// explainMisspelt: the transition is there, by another name.
func (c *checker) explainMisspelt(n *graph.Node, op *flow.Op, d *Diagnostic) {
	s := n.Step
	span, last := c.attributeSpan(text.Span{Start: op.Span.Start, End: op.Span.Start + len(op.Name) + len(s.Method.Code().Self) + 1}.Shift(s.Method.Base), op.Name)
	d.Message = fmt.Sprintf("Step `%s` does not end with `self.next(...)`, but calls `self.%s(...)`, which does not exist: did you mean `next`?", s.Name, op.Name)
	d.Related = []Related{{span, "this call"}}
	if last != (text.Span{}) && c.code(last) == op.Name {
		d.Fixes = []Fix{{Title: "Did you mean next?", Edits: []text.Edit{{Span: last, New: "next"}}, Preferred: true}}
	}
}

// mayGoOn reports whether another method that a step calls, perhaps, calls
// self.next: then one more call would be one too many.
func (c *checker) mayGoOn(n *graph.Node) bool {
	w := &pathWalk{checker: c, node: n, method: n.Step.Method}
	may := false
	walkOps(n.Step.Method.Code().Ops, func(op *flow.Op) {
		switch op.Kind {
		case flow.OpCall:
			may = may || w.helper(op.Name)
		case flow.OpSuper:
			may = may || w.super(op) || op.Name == n.Step.Name && w.superMethod(op) == nil
		}
	})
	return may
}

// explainHelper: the step ends with a call of a method that calls self.next.
func (c *checker) explainHelper(n *graph.Node, d *Diagnostic) {
	ops := n.Step.Method.Code().Ops
	if len(ops) == 0 {
		return
	}
	call := &ops[len(ops)-1]
	w := &pathWalk{checker: c, node: n, method: n.Step.Method}
	switch {
	case call.Kind == flow.OpCall && w.helper(call.Name):
		d.Message = fmt.Sprintf("Metaflow does not see the `self.next(...)` in `%s`. Call it here, as the last statement of `%s`.", call.Name, n.Step.Name)
	case call.Kind == flow.OpSuper && w.super(call):
		d.Message = fmt.Sprintf("Metaflow does not see the `self.next(...)` in `super().%s()`, and a second one here would fail. Move what both steps do into a method without `self.next(...)`, call that, and end `%s` with `self.next(...)`.", call.Name, n.Step.Name)
	default:
		return
	}
	d.Related = []Related{{call.Span.Shift(n.Step.Method.Base), "the call of `" + goesOnBy(call) + "`"}}
	d.Fixes = nil
}

// nextCalls are the calls of self.next in a body, but not in functions inside of it.
func nextCalls(ops []flow.Op, found []*flow.Op) []*flow.Op {
	for i := range ops {
		switch op := &ops[i]; op.Kind {
		case flow.OpNext:
			found = append(found, op)
		case flow.OpNested:
		default:
			for _, b := range op.Blocks {
				found = nextCalls(b, found)
			}
		}
	}
	return found
}

func isTop(ops []flow.Op, op *flow.Op) bool {
	for i := range ops {
		if &ops[i] == op {
			return true
		}
	}
	return false
}

// dropReturn leaves what is returned.
func (c *checker) dropReturn(statement, value text.Span) []Fix {
	if c.file.Slice(text.Span{Start: value.End, End: statement.End}) != "" {
		return nil // parentheses around it
	}
	return []Fix{{Title: "Remove return", Edits: []text.Edit{{Span: text.Span{Start: statement.Start, End: value.Start}}}, Preferred: true}}
}

// moveToEnd moves a statement that has lines of its own behind the last one.
func (c *checker) moveToEnd(n *graph.Node, call text.Span) []Fix {
	src := c.file.Text
	indent, _ := c.indentAt(call.Start)
	cut := c.removeLine(call)
	end := src.LineSpan(src.Line(n.Step.Span.End)).End
	if cut == nil || cut[0].Span.End > end || indent == "" || indent != c.bodyIndent(n) {
		return nil
	}
	return []Fix{{
		Title:     "Move self.next(...) to the end",
		Edits:     append(insert(end, src.LineEnding()+indent+src.Slice(call)), cut...),
		Preferred: true,
	}}
}

// outOfBlock dedents the last statement of the block that ends a step.
func (c *checker) outOfBlock(n *graph.Node, block *flow.Op) []Fix {
	ops := block.Blocks[0]
	if len(ops) == 0 || ops[len(ops)-1].Kind != flow.OpNext {
		return nil
	}
	call := ops[len(ops)-1].Span.Shift(n.Step.Method.Base)
	outer, inner := c.bodyIndent(n), ""
	indent, alone := c.indentAt(call.Start)
	if !alone || outer == "" || !c.standsAlone(call) || call.End != block.Span.End+n.Step.Method.Base {
		return nil
	}
	// Another statement must stay in the block.
	for line := c.file.Text.Line(call.Start) - 1; line > c.file.Text.Line(block.Span.Start+n.Step.Method.Base); line-- {
		inner = c.file.Slice(c.file.Text.LineSpan(line))
		if code := trimLeft(inner); code != "" && code[0] != '#' {
			if len(inner)-len(code) < len(indent) {
				return nil
			}
			start := c.lineSpan(call.Start).Start
			return []Fix{{Title: "Move self.next(...) behind the block", Edits: []text.Edit{{Span: text.Span{Start: start, End: call.Start}, New: outer}}, Preferred: true}}
		}
	}
	return nil
}

// bodyIndent is what stands before the statements of a step, "" if the body
// has no lines of its own.
func (c *checker) bodyIndent(n *graph.Node) string {
	indent, alone := c.indentAt(n.Step.BodySpan.Start)
	if !alone {
		return ""
	}
	return indent
}
