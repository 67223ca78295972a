package flow

import (
	"math"
	"strconv"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// transition reads the last statement of a body as Metaflow's DAGNode._parse
// does: nil unless it is exactly a call of self.next.
func transition(body syntax.Node) *Transition {
	last := body.Last()
	if last.Kind() != syntax.ExpressionStatement {
		return nil
	}
	call := last.First()
	if call != last.Last() || hasToken(last, ",") {
		return nil // a tuple
	}
	call = call.Unwrap()
	if call.Kind() != syntax.Call || selfAttribute(call.Child(syntax.FieldFunction)) != "next" {
		return nil
	}
	t := &Transition{Span: call.Span(), StatementSpan: last.Span()}
	positional, keywords := arguments(call)
	if len(positional) == 1 && positional[0].Kind() == syntax.Dictionary && keywords.value("condition").Valid() {
		if readSwitch(t, positional[0], keywords.value("condition")) {
			return t
		}
	} else {
		t.Targets = targets(positional)
	}
	readKeywords(t, keywords)
	return t
}

// readKeywords decides the form of a call that is not a switch.
func readKeywords(t *Transition, keywords keywordList) {
	if len(keywords) > 1 {
		return
	}
	switch {
	case len(keywords) == 0 && len(t.Targets) == 1:
		t.Kind = Linear
	case len(keywords) == 0 && len(t.Targets) > 1:
		t.Kind = Split
	case len(keywords) == 1:
		value := keywords[0].value
		t.KeywordSpan = value.Span()
		switch keywords[0].name {
		case "foreach":
			t.ForeachCall = true
			if l := constant(value); l.kind == stringLiteral {
				t.Foreach = l.text
			}
			if len(t.Targets) == 1 {
				t.Kind = Foreach
			}
		case "num_parallel":
			t.ForeachCall = true
			if l := constant(value); l.kind == numberLiteral {
				if n, err := strconv.ParseFloat(l.text, 64); err == nil && n == math.Trunc(n) && math.Abs(n) < 1<<31 {
					t.NumParallel = int(n)
				}
			}
			if len(t.Targets) == 1 {
				t.Kind = NumParallel
			}
		}
	}
}

// targets reads every positional argument as x.attr, whatever x is; one that
// is nothing of that form makes the whole list empty, as in Metaflow.
func targets(positional []syntax.Node) []Target {
	list := make([]Target, 0, len(positional))
	for _, n := range positional {
		if n.Kind() != syntax.Attribute {
			return nil
		}
		name := n.Child(syntax.FieldAttribute)
		list = append(list, Target{identifier(name), name.Span()})
	}
	return list
}

// readSwitch reads {key: self.step, …} with its condition; false leaves t as
// an invalid transition without targets.
func readSwitch(t *Transition, dict, condition syntax.Node) bool {
	t.KeywordSpan = condition.Span()
	name := constant(condition)
	if name.kind != stringLiteral || name.text == "" {
		return false
	}
	var cases []Case
	index := map[literal]int{}
	for pair := range dict.Items() {
		if pair.Kind() != syntax.Pair {
			return false
		}
		keyNode, value := pair.Child(syntax.FieldKey).Unwrap(), pair.Child(syntax.FieldValue).Unwrap()
		key, ok := switchKey(keyNode)
		step := selfAttribute(value)
		if !ok || step == "" {
			return false
		}
		c := Case{
			Key:     displayKey(key, keyNode),
			KeySpan: keyNode.Span(),
			Target:  Target{step, value.Child(syntax.FieldAttribute).Span()},
		}
		// An equal key keeps its place and takes the later value.
		if i, seen := index[key]; seen {
			c.Key = cases[i].Key
			cases[i] = c
			continue
		}
		index[key] = len(cases)
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		return false
	}
	t.Kind, t.Condition, t.Cases = Switch, name.text, cases
	for _, c := range cases {
		t.Targets = append(t.Targets, c.Target)
	}
	return true
}

// switchKey reads a key that Metaflow accepts: a constant that is not None, or
// self.<config>.<key>.
func switchKey(n syntax.Node) (literal, bool) {
	if n.Kind() == syntax.Attribute {
		if config := selfAttribute(n.Child(syntax.FieldObject)); config != "" {
			return literal{stringLiteral, "config:" + config + "." + identifier(n.Child(syntax.FieldAttribute))}, true
		}
		return literal{}, false
	}
	key := constant(n)
	return key, key.kind != notLiteral && key.kind != noneLiteral
}

func displayKey(key literal, n syntax.Node) string {
	if key.kind == stringLiteral {
		return key.text
	}
	return n.Text()
}

// selfAttribute is the x of self.x, "" for anything else.
func selfAttribute(n syntax.Node) string {
	n = n.Unwrap()
	if n.Kind() != syntax.Attribute {
		return ""
	}
	object := n.Child(syntax.FieldObject).Unwrap()
	if object.Kind() != syntax.Identifier || identifier(object) != "self" {
		return ""
	}
	return identifier(n.Child(syntax.FieldAttribute))
}

type keyword struct {
	name  string // "**" for an unpacked mapping
	value syntax.Node
}

type keywordList []keyword

func (l keywordList) value(name string) syntax.Node {
	for _, k := range l {
		if k.name == name {
			return k.value
		}
	}
	return syntax.Node{}
}

// arguments splits the arguments of a call; parentheses are stripped.
func arguments(call syntax.Node) (positional []syntax.Node, keywords keywordList) {
	list := call.Child(syntax.FieldArguments)
	if list.Kind() == syntax.GeneratorExpression {
		return []syntax.Node{list}, nil
	}
	for n := range list.Items() {
		switch n.Kind() {
		case syntax.KeywordArgument:
			keywords = append(keywords, keyword{identifier(n.Child(syntax.FieldName)), n.Child(syntax.FieldValue).Unwrap()})
		case syntax.DictionarySplat:
			keywords = append(keywords, keyword{"**", n})
		default:
			positional = append(positional, n.Unwrap())
		}
	}
	return positional, keywords
}

// hasToken reports whether n has that token as a direct child.
func hasToken(n syntax.Node, token string) bool {
	for c := range n.Children() {
		if c.Kind() == syntax.Token && c.Text() == token {
			return true
		}
	}
	return false
}

// shift moves all spans of the transition.
func (t *Transition) shift(d int) Transition {
	moved := *t
	moved.Span, moved.StatementSpan, moved.KeywordSpan = t.Span.Shift(d), t.StatementSpan.Shift(d), t.KeywordSpan.Shift(d)
	if t.KeywordSpan == (text.Span{}) {
		moved.KeywordSpan = text.Span{}
	}
	moved.Targets = make([]Target, len(t.Targets))
	for i, target := range t.Targets {
		moved.Targets[i] = target.shift(d)
	}
	moved.Cases = make([]Case, len(t.Cases))
	for i, c := range t.Cases {
		moved.Cases[i] = Case{c.Key, c.KeySpan.Shift(d), c.Target.shift(d)}
	}
	return moved
}

func (t Target) shift(d int) Target { return Target{t.Name, t.Span.Shift(d)} }
