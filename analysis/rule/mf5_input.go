package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

var inputOutsideForeach = &Rule{Code: "MF518", Name: "input-outside-foreach", Severity: Warning, Summary: "self.input or self.index is read outside of a foreach, where it is None."}

// inputs checks self.input and self.index in a step that no foreach is around:
// both are None there. In the join of a foreach they are those of the foreach
// around that one.
func (c *checker) inputs(n *graph.Node) {
	if !n.Reachable || n.Step.Method.Wrapped {
		return
	}
	var found []*flow.Op
	for _, name := range []string{"input", "index"} {
		if c.isClassValue(name) {
			return
		}
	}
	if c.guardsInput(n, n.Step.Method.Code().Ops, &found) || len(found) == 0 || c.inForeach(n) {
		return
	}
	for _, op := range found {
		message := fmt.Sprintf("`self.%s` is `None` in `%s`: no foreach is around it.", op.Name, n.Step.Name)
		if n.Type == graph.Join {
			message = fmt.Sprintf("`self.%s` is `None` in the join `%s`: the foreach ends here. Store it in an artifact in the branch, and read that from `%s`.", op.Name, n.Step.Name, n.Step.Args[1].Name)
		}
		c.report(c.inBody(inputOutsideForeach, n, op, message))
	}
}

// inForeach reports whether a foreach or num_parallel is open in the body of a
// step: a join has left its own before its body runs.
func (c *checker) inForeach(n *graph.Node) bool {
	parents := n.SplitParents()
	if n.Type == graph.Join && len(parents) > 0 {
		parents = parents[:len(parents)-1]
	}
	return slices.ContainsFunc(parents, func(p string) bool { return c.graph.Nodes[p].Type == graph.Foreach })
}

// asks reports whether a line holds a word or a comparison that asks whether
// there is a value.
func asks(line string) bool {
	if strings.Contains(line, "==") || strings.Contains(line, "!=") {
		return true
	}
	isWord := func(r rune) bool {
		return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return !isWord(r) }) {
		switch word {
		case "if", "elif", "or", "and", "not", "is", "while", "assert":
			return true
		}
	}
	return false
}

// guardsInput collects the reads; true means that one asks whether there is a value.
func (c *checker) guardsInput(n *graph.Node, ops []flow.Op, found *[]*flow.Op) bool {
	for i := range ops {
		op := &ops[i]
		if op.Name == "input" || op.Name == "index" {
			switch op.Kind {
			case flow.OpRead:
				span := op.Span.Shift(n.Step.Method.Base)
				line := text.Span{Start: c.lineSpan(span.Start).Start, End: c.lineSpan(span.End).End}
				if asks(c.file.Slice(line)) {
					return true
				}
				*found = append(*found, op)
			case flow.OpGuard, flow.OpAssign:
				return true
			}
		}
		for _, b := range op.Blocks {
			if c.guardsInput(n, b, found) {
				return true
			}
		}
	}
	return false
}
