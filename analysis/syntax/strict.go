package syntax

import (
	"strings"

	"flowls/analysis/text"
)

// strict holds, by kind, what the grammar accepts and Python does not. It is
// not all that Python's compiler checks: only what people really type.
var strict [256]func(*Part, Node, *[]Problem)

func init() {
	strict[PrintStatement] = func(_ *Part, n Node, list *[]Problem) {
		if n.First().Kind() == Chevron {
			return // a shift of the function, to Python 3
		}
		*list = append(*list, Problem{n.Span(), "`print` is a function in Python 3: write `print(...)`."})
	}
	strict[ExecStatement] = func(_ *Part, n Node, list *[]Problem) {
		*list = append(*list, Problem{n.Span(), "`exec` is a function in Python 3: write `exec(...)`."})
	}
	strict[Module] = (*Part).checkIndent
	strict[Block] = (*Part).checkIndent
	strict[DecoratedDefinition] = (*Part).checkIndent // decorators stand as deep as what they decorate
	for _, k := range []Kind{IfStatement, ElifClause, ElseClause, ForStatement, WhileStatement, WithStatement, TryStatement, ExceptClause,
		FinallyClause, FunctionDefinition, ClassDefinition, CaseClause} {
		strict[k] = func(p *Part, n Node, list *[]Problem) {
			p.checkBody(n, list)
			p.checkNesting(n, list)
		}
	}
	strict[TryStatement] = func(p *Part, n Node, list *[]Problem) {
		p.checkBody(n, list)
		p.checkNesting(n, list)
		p.checkTry(n, list)
	}
	strict[Parameters] = (*Part).checkParameters
	strict[LambdaParameters] = (*Part).checkParameters
	strict[ArgumentList] = (*Part).checkArguments
	strict[ImportFromStatement] = func(_ *Part, n Node, list *[]Problem) {
		last := Node{}
		for c := range n.Children() {
			if c.Kind() != Comment && c.Kind() != LineContinuation {
				last = c
			}
		}
		if last.Text() == "," {
			*list = append(*list, Problem{last.Span(), "A name is missing behind this comma."})
		}
	}
	strict[RaiseStatement] = func(_ *Part, n Node, list *[]Problem) {
		if n.First().Kind() == ExpressionList {
			*list = append(*list, Problem{n.Span(), "`raise` takes one exception."})
		}
	}
	strict[AssertStatement] = func(_ *Part, n Node, list *[]Problem) {
		count := 0
		for c := range n.Items() {
			if count++; count == 3 {
				*list = append(*list, Problem{c.Span(), "`assert` takes a condition and one message."})
			}
		}
	}
	strict[ComparisonOperator] = func(_ *Part, n Node, list *[]Problem) {
		for c := range n.Children() {
			if c.Kind() == Token && c.Text() == "<>" {
				*list = append(*list, Problem{c.Span(), "`<>` is Python 2: write `!=`."})
			}
		}
	}
	strict[Integer] = func(_ *Part, n Node, list *[]Problem) {
		if strings.HasSuffix(n.Text(), "L") || strings.HasSuffix(n.Text(), "l") {
			*list = append(*list, Problem{n.Span(), "An `L` behind a number is Python 2: remove it."})
		}
		if s := strings.Trim(n.Text(), "_0123456789"); s == "" && strings.HasPrefix(n.Text(), "0") && strings.Trim(n.Text(), "_0") != "" {
			*list = append(*list, Problem{n.Span(), "Write octal numbers with `0o`."})
		}
	}
	strict[String] = func(_ *Part, n Node, list *[]Problem) {
		checkEscapes(n, list)
		s := n.Text()
		if strings.HasPrefix(s, "`") {
			*list = append(*list, Problem{n.Span(), "Backquotes are not Python 3: write `repr(...)`."})
		}
		quote := strings.IndexAny(s, `'"`)
		if quote > 0 && strings.ContainsAny(s[:quote], "bB") && strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) {
			*list = append(*list, Problem{n.Span(), "Bytes can only contain ASCII characters."})
		}
	}
}

// checkBody checks that every header is followed by statements.
func (p *Part) checkBody(n Node, list *[]Problem) {
	colon := Node{}
	for c := range n.Children() {
		if c.Kind() == Token && c.Text() == ":" {
			colon = c
		}
		if c.Kind() == Block && !c.First().Valid() && colon.Valid() {
			*list = append(*list, Problem{colon.Span(), "An indented block is missing here."})
		}
	}
	if last := n.Last(); colon.Valid() && last.Kind() != Block && last.Span().End <= colon.Span().Start {
		*list = append(*list, Problem{colon.Span(), "An indented block is missing here."})
	}
}

func (p *Part) checkTry(n Node, list *[]Problem) {
	for c := range n.Items() {
		if c.Kind() == ExceptClause || c.Kind() == FinallyClause {
			return
		}
	}
	start := n.Span().Start
	*list = append(*list, Problem{text.Span{Start: start, End: start + len("try")}, "`try` needs an `except` or a `finally`."})
}

// checkParameters checks the order and the names of parameters, of a lambda too.
func (p *Part) checkParameters(n Node, list *[]Problem) {
	seen := map[string]bool{}
	problem := func(at Node, message string) { *list = append(*list, Problem{at.Span(), message}) }
	defaults, mapping, slash := false, false, false
	var star, bare Node // what ends the positional parameters, and a `*` that still waits for a name
	for c := range n.Items() {
		name := parameterName(c)
		kind := c.Kind()
		if first := c.First(); kind == TypedParameter && (first.Kind() == ListSplatPattern || first.Kind() == DictionarySplatPattern) {
			kind = first.Kind()
		}
		if mapping {
			problem(c, "No parameter can follow `**`.")
			break
		}
		switch kind {
		case DefaultParameter, TypedDefaultParameter:
			defaults, bare = true, Node{}
			if c.Child(FieldName).Kind() == TuplePattern {
				problem(c, "A parameter is a name in Python 3: unpack it in the body.")
			}
		case KeywordSeparator, ListSplatPattern:
			if star.Valid() {
				problem(c, "`*` can be among the parameters only once.")
			}
			star = c
			if kind == KeywordSeparator {
				bare = c
			}
		case PositionalSeparator:
			switch {
			case slash:
				problem(c, "`/` can be among the parameters only once.")
			case star.Valid():
				problem(c, "`/` must stand before `*`.")
			case len(seen) == 0:
				problem(c, "A parameter must stand before `/`.")
			}
			slash = true
		case Identifier, TypedParameter:
			bare = Node{}
			if defaults && !star.Valid() {
				problem(c, "A parameter without a default follows one with a default.")
			}
		case DictionarySplatPattern:
			mapping = true
		case TuplePattern:
			problem(c, "A parameter is a name in Python 3: unpack it in the body.")
		}
		if name.Valid() {
			if name.Text() == "__debug__" {
				problem(name, "`__debug__` cannot be assigned to.")
			}
			if seen[name.Text()] {
				problem(name, "This parameter has the name of another one.")
			}
			seen[name.Text()] = true
		}
	}
	if bare.Valid() {
		problem(bare, "A named parameter must follow `*`.")
	}
}

// checkArguments checks the order and the names of arguments.
func (p *Part) checkArguments(n Node, list *[]Problem) {
	checkNoAs(n, list)
	seen := map[string]bool{}
	keyword, mapping := false, false
	first := true
	for c := range n.Children() {
		switch c.Kind() {
		case Comment, LineContinuation:
			continue
		case Token:
			if first && c.Text() == "," {
				*list = append(*list, Problem{c.Span(), "An argument is missing before this comma."})
			}
			continue
		}
		first = false
		switch c.Kind() {
		case KeywordArgument:
			name := c.Child(FieldName)
			if seen[name.Text()] {
				*list = append(*list, Problem{name.Span(), "This keyword argument is given twice."})
			}
			seen[name.Text()], keyword = true, true
		case DictionarySplat:
			keyword, mapping = true, true
		case ListSplat:
			if mapping {
				*list = append(*list, Problem{c.Span(), "An unpacked sequence follows an unpacked mapping."})
			}
		default:
			if keyword {
				*list = append(*list, Problem{c.Span(), "A positional argument follows a keyword argument."})
			}
		}
	}
}
