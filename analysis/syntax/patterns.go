package syntax

import "strings"

func init() {
	strict[MatchStatement] = func(_ *Part, n Node, list *[]Problem) {
		var before Node
		for c := range n.Child(FieldBody).Items() {
			if c.Kind() != CaseClause {
				continue
			}
			if before.Valid() {
				*list = append(*list, Problem{before.Span(), "This pattern matches everything: the cases below it are never reached."})
			}
			before = irrefutableCase(c)
		}
	}
	strict[UnionPattern] = func(_ *Part, n Node, list *[]Problem) {
		var before Node
		for c := range n.Children() {
			if c.Kind() == Comment || c.Kind() == LineContinuation || c.Text() == "|" {
				continue
			}
			if before.Valid() {
				*list = append(*list, Problem{before.Span(), "This pattern matches everything: the ones behind it are never tried."})
			}
			if before = (Node{}); irrefutable(c) {
				before = c
			}
		}
	}
}

// irrefutableCase is the pattern of a case that matches everything, or no node.
func irrefutableCase(n Node) Node {
	if n.Child(FieldGuard).Valid() {
		return Node{}
	}
	var pattern Node
	for c := range n.Children() {
		switch {
		case c.Kind() == CasePattern && !pattern.Valid():
			pattern = c
		case c.Kind() == CasePattern, c.Kind() == Token && c.Text() == ",":
			return Node{}
		}
	}
	if !irrefutable(pattern) {
		return Node{}
	}
	return pattern
}

func irrefutable(n Node) bool {
	switch n.Kind() {
	case CasePattern:
		only, count := Node{}, 0
		for c := range n.Children() {
			if c.Kind() != Comment && c.Kind() != LineContinuation {
				only, count = c, count+1
			}
		}
		return count == 1 && irrefutable(only)
	case TuplePattern: // one in parentheses
		return !n.hasToken(",") && irrefutable(n.First())
	case AsPattern:
		return irrefutable(n.First())
	case UnionPattern:
		last := Node{}
		for c := range n.Children() {
			if c.Kind() != Comment && c.Kind() != LineContinuation {
				last = c
			}
		}
		return irrefutable(last)
	case Token:
		return n.Text() == "_"
	case DottedName: // of one name
		return !strings.Contains(n.Text(), ".")
	}
	return false
}
