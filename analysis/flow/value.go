package flow

import (
	"slices"
	"strings"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// ValueKind is what an expression is as far as its text shows.
type ValueKind uint8

const (
	Expression    ValueKind = iota // anything that is none of the below
	String                         // Text: the characters
	FString                        // a string with interpolations; Text as written
	Bytes                          // Text: the bytes
	Int                            // Text: a spelling that equal numbers share, "-4"
	Float                          // the same
	Complex                        // the same
	Bool                           // Text: "True" or "False"
	None                           //
	Ellipsis                       //
	List                           // Items
	Tuple                          // Items
	Set                            // Items
	Dict                           // Keys and Items, parallel
	Name                           // Text: a dotted name, "pd.DataFrame"
	Call                           // Text: the dotted name of the callee, "" if it has none; Items and Keywords
	Lambda                         //
	Generator                      // a generator expression
	ListComp                       //
	SetComp                        //
	DictComp                       //
	BadExpression                  // holds a syntax error
	Test                           // a comparison or `not`: no string, None or number
	Choice                         // `a if test else b`: Items are a and b
)

// Value is an expression, evaluated as far as that needs no running: literals
// and displays of them, names, calls by name. Spans are where those of the
// owner are.
type Value struct {
	Kind ValueKind
	// Unpacks: a * or ** inside stands for more items than are listed.
	Unpacks  bool
	Text     string
	Span     text.Span
	Items    []Value    // elements; positional arguments; values of a Dict
	Keys     []Value    // of a Dict
	Keywords []Keyword  // of a Call
	Takes    *Signature // of a Lambda, else nil
}

// Keyword is a keyword argument of a call.
type Keyword struct {
	Name     string
	NameSpan text.Span
	Span     text.Span
	Value    Value
}

// Known reports whether there is an expression at all.
func (v Value) Known() bool { return v.Span != (text.Span{}) }

// Constant reports whether v is a literal: a number, string, bytes, bool, None or ...
func (v Value) Constant() bool { return v.Kind >= String && v.Kind <= Ellipsis && v.Kind != FString }

// Literal reports whether the whole value is known: a constant, or a list,
// tuple, set or dict of nothing else.
func (v Value) Literal() bool {
	switch v.Kind {
	case List, Tuple, Set, Dict:
		if v.Unpacks {
			return false
		}
		for _, items := range [][]Value{v.Keys, v.Items} {
			for _, i := range items {
				if !i.Literal() {
					return false
				}
			}
		}
		return true
	}
	return v.Constant()
}

// Keyword is the value of a keyword argument of a Call.
func (v Value) Keyword(name string) (Keyword, bool) {
	for _, k := range v.Keywords {
		if k.Name == name {
			return k, true
		}
	}
	return Keyword{}, false
}

// Shift moves all spans.
func (v Value) Shift(by int) Value {
	if !v.Known() {
		return v
	}
	v.Span = v.Span.Shift(by)
	v.Items, v.Keys = shiftAll(v.Items, by), shiftAll(v.Keys, by)
	if v.Keywords != nil {
		moved := make([]Keyword, len(v.Keywords))
		for i, k := range v.Keywords {
			moved[i] = Keyword{k.Name, k.NameSpan.Shift(by), k.Span.Shift(by), k.Value.Shift(by)}
		}
		v.Keywords = moved
	}
	return v
}

func shiftAll(values []Value, by int) []Value {
	if values == nil {
		return nil
	}
	moved := make([]Value, len(values))
	for i, v := range values {
		moved[i] = v.Shift(by)
	}
	return moved
}

// valueDepth bounds how deep displays and calls are read.
const valueDepth = 12

// valueOf reads an expression; no node is no value.
func valueOf(n syntax.Node) Value { return readValue(n, valueDepth) }

func readValue(n syntax.Node, depth int) Value {
	n = n.Unwrap()
	if !n.Valid() {
		return Value{}
	}
	v := Value{Span: n.Span()}
	if depth == 0 {
		return v
	}
	switch n.Kind() {
	case syntax.List:
		v.Kind = List
		v.readItems(n, depth)
	case syntax.Tuple, syntax.ExpressionList:
		v.Kind = Tuple
		v.readItems(n, depth)
	case syntax.Set:
		v.Kind = Set
		v.readItems(n, depth)
	case syntax.Dictionary:
		v.Kind = Dict
		v.readPairs(n, depth)
	case syntax.Call:
		v.Kind, v.Text = Call, dotted(n.Child(syntax.FieldFunction))
		v.readCall(n, depth)
	case syntax.Lambda:
		v.Kind, v.Takes = Lambda, new(signature(n.Child(syntax.FieldParameters)))
		if body := constant(n.Child(syntax.FieldBody).Unwrap()); body.kind != notLiteral {
			v.Takes.Gives = kept(valueOf(n.Child(syntax.FieldBody)))
		}
	case syntax.GeneratorExpression:
		v.Kind = Generator
	case syntax.ListComprehension:
		v.Kind = ListComp
	case syntax.SetComprehension:
		v.Kind = SetComp
	case syntax.DictionaryComprehension:
		v.Kind = DictComp
	case syntax.Identifier, syntax.Attribute:
		if v.Text = dotted(n); v.Text != "" {
			v.Kind = Name
		}
	case syntax.UnaryOperator:
		v.readSigned(n)
	case syntax.ComparisonOperator, syntax.NotOperator:
		v.Kind = Test
	case syntax.ConditionalExpression:
		if parts := slices.Collect(n.Items()); len(parts) == 3 {
			v.Kind, v.Items = Choice, []Value{readValue(parts[0], depth-1), readValue(parts[2], depth-1)}
		}
	case syntax.Error:
		v.Kind = BadExpression
	default:
		v.readConstant(n)
	}
	return v
}

func (v *Value) readConstant(n syntax.Node) {
	l := constant(n)
	v.Text = l.text
	switch l.kind {
	case stringLiteral:
		v.Kind = String
	case bytesLiteral:
		v.Kind = Bytes
	case noneLiteral:
		v.Kind = None
	case ellipsisLiteral:
		v.Kind = Ellipsis
	case numberLiteral:
		switch {
		case n.Kind() == syntax.True || n.Kind() == syntax.False:
			v.Kind, v.Text = Bool, n.Text()
		case strings.ContainsAny(n.Text(), "jJ"):
			v.Kind = Complex
		case n.Kind() == syntax.Float:
			v.Kind = Float
		default:
			v.Kind = Int
		}
	default:
		if n.Kind() == syntax.String || n.Kind() == syntax.ConcatenatedString {
			v.Kind, v.Text = FString, n.Text()
		}
	}
}

// readSigned reads a number behind a sign.
func (v *Value) readSigned(n syntax.Node) {
	number := readValue(n.Child(syntax.FieldArgument), 1)
	if number.Kind != Int && number.Kind != Float {
		return
	}
	switch {
	case hasToken(n, "+"):
		v.Kind, v.Text = number.Kind, number.Text
	case hasToken(n, "-"):
		v.Kind, v.Text = number.Kind, "-"+number.Text
		if number.Text == "0" {
			v.Text = "0"
		}
	}
}

func (v *Value) readItems(n syntax.Node, depth int) {
	for c := range n.Items() {
		if c.Kind() == syntax.ListSplat || c.Kind() == syntax.ParenthesizedListSplat {
			v.Unpacks = true
			continue
		}
		v.Items = append(v.Items, readValue(c, depth-1))
	}
}

func (v *Value) readPairs(n syntax.Node, depth int) {
	for c := range n.Items() {
		if c.Kind() != syntax.Pair {
			v.Unpacks = true
			continue
		}
		v.Keys = append(v.Keys, readValue(c.Child(syntax.FieldKey), depth-1))
		v.Items = append(v.Items, readValue(c.Child(syntax.FieldValue), depth-1))
	}
}

func (v *Value) readCall(n syntax.Node, depth int) {
	list := n.Child(syntax.FieldArguments)
	if list.Kind() == syntax.GeneratorExpression {
		v.Items = []Value{{Kind: Generator, Span: list.Span()}}
		return
	}
	for c := range list.Items() {
		switch c.Kind() {
		case syntax.KeywordArgument:
			name := c.Child(syntax.FieldName)
			v.Keywords = append(v.Keywords, Keyword{identifier(name), name.Span(), c.Span(), readValue(c.Child(syntax.FieldValue), depth-1)})
		case syntax.DictionarySplat, syntax.ListSplat, syntax.ParenthesizedListSplat:
			v.Unpacks = true
		default:
			v.Items = append(v.Items, readValue(c, depth-1))
		}
	}
}
