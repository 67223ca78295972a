package syntax

import "strings"

// called holds, by kind, what Python calls an expression that cannot be bound
// or deleted.
var called = [256]string{
	Call: "a function call", BinaryOperator: "an expression", UnaryOperator: "an expression", BooleanOperator: "an expression",
	NotOperator: "an expression", ComparisonOperator: "a comparison", ConditionalExpression: "a conditional expression", Lambda: "a lambda",
	Integer: "a literal", Float: "a literal", String: "a literal", ConcatenatedString: "a literal", True: "`True`", False: "`False`",
	None: "`None`", Ellipsis: "an ellipsis", Dictionary: "a dictionary", Set: "a set", ListComprehension: "a comprehension",
	SetComprehension: "a comprehension", DictionaryComprehension: "a comprehension", GeneratorExpression: "a generator expression",
	Await: "an `await`", Yield: "a `yield`", NamedExpression: "a named expression",
}

func init() {
	strict[DeleteStatement] = func(_ *Part, n Node, list *[]Problem) {
		for c := range n.Items() {
			checkTarget(c, "deleted", list)
		}
	}
	strict[Assignment] = func(_ *Part, n Node, list *[]Problem) {
		left, right := n.Child(FieldLeft), n.Child(FieldRight)
		checkBound(left, list)
		checkValue(right, list)
		if n.Child(FieldType).Valid() {
			if several(left) {
				*list = append(*list, Problem{left.Span(), "Only a single target can be annotated."})
			}
			if right.Kind() == Assignment {
				*list = append(*list, Problem{n.Span(), "An annotated assignment has one target."})
			}
		} else if right.Kind() == AugmentedAssignment || right.Kind() == Assignment && right.Child(FieldType).Valid() {
			*list = append(*list, Problem{n.Span(), "An assignment of this kind has one target."})
		}
	}
	strict[AugmentedAssignment] = func(_ *Part, n Node, list *[]Problem) {
		left, right := n.Child(FieldLeft), n.Child(FieldRight)
		checkBound(left, list)
		checkValue(right, list)
		if several(left) {
			*list = append(*list, Problem{left.Span(), "Several targets cannot be changed by one augmented assignment."})
		}
		if right.Kind() == Assignment || right.Kind() == AugmentedAssignment {
			*list = append(*list, Problem{n.Span(), "An augmented assignment has one target."})
		}
	}
	body := strict[ForStatement]
	strict[ForStatement] = func(p *Part, n Node, list *[]Problem) {
		body(p, n, list)
		checkBound(n.Child(FieldLeft), list)
		checkValue(n.Child(FieldRight), list)
	}
	strict[ForInClause] = func(_ *Part, n Node, list *[]Problem) {
		checkBound(n.Child(FieldLeft), list)
		checkValue(n.Child(FieldRight), list)
		for c := range n.Children() {
			if c.Kind() == Token && c.Text() == "," {
				*list = append(*list, Problem{c.Span(), "A comma cannot follow a comprehension without parentheses."})
				return
			}
		}
	}
	strict[WithItem] = func(_ *Part, n Node, list *[]Problem) {
		as := n.First().Unwrap()
		if as.Kind() == AsPattern {
			target := as.Child(FieldAlias).First()
			if target.Kind() == ListSplat {
				*list = append(*list, Problem{target.Span(), "A starred target must stand in a list or tuple."})
			}
			checkTarget(target, "assigned to", list)
		}
	}
	strict[ReturnStatement] = checkStatementValue
	strict[Yield] = checkStatementValue
	strict[ExpressionStatement] = checkStatementValue
	for _, k := range []Kind{KeywordArgument, Pair, DefaultParameter, TypedDefaultParameter} {
		strict[k] = func(_ *Part, n Node, list *[]Problem) { checkValue(n.Child(FieldValue), list) }
	}
	for _, k := range []Kind{ListComprehension, SetComprehension, GeneratorExpression} {
		strict[k] = func(_ *Part, n Node, list *[]Problem) {
			if body := n.Child(FieldBody); starred(body) {
				*list = append(*list, Problem{body.Span(), "A sequence cannot be unpacked in a comprehension."})
			}
		}
	}
	strict[List] = func(_ *Part, n Node, list *[]Problem) { checkNoAs(n, list) }
	for _, k := range []Kind{IfStatement, ElifClause, WhileStatement, RaiseStatement, AssertStatement} {
		check := strict[k]
		strict[k] = func(p *Part, n Node, list *[]Problem) {
			check(p, n, list)
			for c := range n.Items() {
				if c.Kind() != NamedExpression || n.Kind() == RaiseStatement || n.Kind() == AssertStatement {
					checkValue(c, list)
				}
			}
		}
	}
}

// checkTarget checks that what is deleted, or bound by `with`, is a name, an
// attribute, an item or several of them.
func checkTarget(n Node, done string, list *[]Problem) {
	if starred(n) {
		if done == "deleted" {
			*list = append(*list, Problem{n.Span(), "A starred expression cannot be deleted."})
		}
		return
	}
	switch n.Kind() {
	case ExpressionList, Tuple, List, ParenthesizedExpression:
		for c := range n.Items() {
			checkTarget(c, done, list)
		}
	default:
		if n.Text() == "__debug__" && done != "deleted" { // Python 3.8 deletes it
			*list = append(*list, Problem{n.Span(), "`__debug__` cannot be " + done + "."})
		}
		if name := called[n.Kind()]; name != "" {
			*list = append(*list, Problem{n.Span(), strings.ToUpper(name[:1]) + name[1:] + " cannot be " + done + "."})
		}
	}
}

// checkBound checks a target that the grammar knows as one.
func checkBound(n Node, list *[]Problem) {
	switch n.Kind() {
	case ListSplatPattern:
		*list = append(*list, Problem{n.Span(), "A starred target must stand in a list or tuple."})
	case Identifier:
		if n.Text() == "__debug__" {
			*list = append(*list, Problem{n.Span(), "`__debug__` cannot be assigned to."})
		}
	case PatternList, TuplePattern, ListPattern:
		if n.Kind() == TuplePattern && !several(n) {
			checkBound(n.First(), list)
			return
		}
		starred := 0
		for c := range n.Items() {
			if c.Kind() != ListSplatPattern {
				checkBound(c, list)
			} else if starred++; starred == 2 {
				*list = append(*list, Problem{c.Span(), "Only one target of an assignment can be starred."})
			}
		}
	}
}

// several reports whether a target is a list or tuple of targets, not one in parentheses.
func several(n Node) bool {
	switch n.Kind() {
	case PatternList, ListPattern:
		return true
	case TuplePattern:
		return n.hasToken(",") || !n.First().Valid() || several(n.First())
	}
	return false
}

// checkValue checks what only some places can hold.
func checkValue(n Node, list *[]Problem) {
	if starred(n) {
		*list = append(*list, Problem{n.Span(), "A starred expression cannot stand here alone."})
		return
	}
	switch n.Kind() {
	case Tuple, ParenthesizedExpression: // elsewhere, as an argument, Python 3.8 accepts it
		if first := n.First(); starred(first) && !n.hasToken(",") {
			checkValue(first, list)
		}
	case NamedExpression:
		*list = append(*list, Problem{n.Span(), "Write `:=` in parentheses here."})
	case AsPattern:
		*list = append(*list, Problem{n.Span(), "`as` has no meaning here."})
	}
}

func checkStatementValue(_ *Part, n Node, list *[]Problem) {
	if first := n.First(); first.Span().End == n.Span().End { // alone, without a comma
		checkValue(first, list)
	}
}

// starred reports whether n is one starred expression; the grammar takes the
// star of `*a.b` for that of `a`.
func starred(n Node) bool {
	for {
		switch n.Kind() {
		case ListSplat:
			return true
		case Call, Attribute, Subscript, BinaryOperator:
			n = n.First()
		default:
			return false
		}
	}
}

// checkNoAs checks that nothing in a list or call is written as in a `with`.
func checkNoAs(n Node, list *[]Problem) {
	for c := range n.Items() {
		if c.Kind() == AsPattern {
			checkValue(c, list)
		}
	}
}
