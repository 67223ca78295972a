package flow

import "flowls/analysis/syntax"

// changes notes that a target, which is set or deleted, is a part of what an
// attribute of self holds.
func (c *coder) changes(target syntax.Node) {
	if name, _ := c.holder(target); name != "" {
		c.emit(Op{Kind: OpChange, Name: name, Span: target.Span()})
	}
}

// changesByCall notes a call of a method of dict that changes it.
func (c *coder) changesByCall(call, callee syntax.Node) {
	if callee.Kind() != syntax.Attribute {
		return
	}
	name, depth := c.holder(callee)
	if name == "" {
		return
	}
	switch identifier(callee.Child(syntax.FieldAttribute)) {
	case "update", "setdefault", "popitem":
	case "pop", "clear": // lists, which a dict may hold, have these
		if depth > 1 {
			return
		}
	default:
		return
	}
	c.emit(Op{Kind: OpChange, Name: name, Span: call.Span()})
}

// holder is the x of self.x.a or self.x["a"], and how many attributes and keys
// stand behind it; "" for anything else. Behind the first, only a string is
// surely a key: a number belongs to a list.
func (c *coder) holder(n syntax.Node) (name string, depth int) {
	for ; ; depth++ {
		n = n.Unwrap()
		if name = c.attribute(n); name != "" {
			if depth == 0 || name == "__dict__" {
				name = ""
			}
			return name, depth
		}
		switch n.Kind() {
		case syntax.Attribute:
			n = n.Child(syntax.FieldObject)
		case syntax.Subscript:
			of := n.Child(syntax.FieldValue)
			if c.attribute(of) == "" && valueOf(n.Child(syntax.FieldSubscript)).Kind != String {
				return "", 0
			}
			n = of
		default:
			return "", 0
		}
	}
}
