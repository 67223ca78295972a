package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

var (
	foreachSet         = &Rule{Code: "MF510", Name: "foreach-set", Severity: Warning, Summary: "A foreach goes over a set, whose order differs in every task."}
	foreachNotIterable = &Rule{Code: "MF511", Name: "foreach-not-iterable", Severity: Error, Summary: "A foreach goes over a number, None or a bool."}
	foreachEmpty       = &Rule{Code: "MF512", Name: "foreach-empty", Severity: Error, Summary: "A foreach goes over nothing."}
	foreachIterator    = &Rule{Code: "MF513", Name: "foreach-iterator", Severity: Error, Summary: "A foreach goes over an iterator, which is used up before its tasks start."}
	foreachDict        = &Rule{Code: "MF514", Name: "foreach-dict", Severity: Error, Summary: "A foreach goes over a dict, and self.input looks up the index in it."}
	foreachCharacters  = &Rule{Code: "MF515", Name: "foreach-characters", Severity: Hint, Summary: "A foreach goes over the characters of a string."}
	foreachTooMany     = &Rule{Code: "MF516", Name: "foreach-too-many", Severity: Warning, Summary: "A foreach has more than 100 items, the limit without --max-num-splits."}
	foreachNotLiteral  = &Rule{Code: "MF517", Name: "foreach-not-literal", Severity: Hint, Summary: "The argument of foreach= is no string literal."}
	badNumParallel     = &Rule{Code: "MF519", Name: "bad-num-parallel", Severity: Error, Summary: "num_parallel is no positive whole number."}
)

// maxSplits is Metaflow's limit without --max-num-splits.
const maxSplits = 100

// foreach checks what a foreach goes over, as far as the step itself shows it.
func (c *checker) foreach(n *graph.Node, op *flow.Op) {
	keyword, _ := op.Value.Keyword("foreach")
	if keyword.Value.Kind != flow.String || keyword.Value.Text == "" {
		if !c.notString(n, op, keyword) {
			c.notLiteral(n, keyword)
		}
		return
	}
	name := keyword.Value.Text
	if c.foreachParameter(n, keyword, name) || c.isClassValue(name) {
		return
	}
	values, sure := c.valuesAt(n, name, op)
	if !sure {
		return
	}
	kinds := make([]iterable, len(values))
	for i, v := range values {
		if kinds[i] = c.iterable(n, v); kinds[i].rule == nil || kinds[i].rule != kinds[0].rule {
			return
		}
	}
	for i, v := range values {
		c.reportForeach(n, op, name, v, kinds[i])
	}
}

// iterable says what is wrong with a value that a foreach goes over.
type iterable struct {
	rule *Rule
	what string // "a set", "the number 5"
}

// iterable judges a value; the zero value finds nothing wrong.
func (c *checker) iterable(n *graph.Node, v held) iterable {
	switch v.Kind {
	case flow.Int, flow.Float, flow.Complex, flow.Bool, flow.None, flow.Ellipsis:
		return iterable{foreachNotIterable, "`" + keyText(v.Value) + "`"}
	case flow.Test:
		return iterable{} // numpy compares element by element
	case flow.String:
		if v.Text == "" {
			return iterable{foreachEmpty, "an empty string"}
		}
		return iterable{foreachCharacters, "the string " + keyText(v.Value)}
	case flow.Set:
		if sameOrder(v.Value) && !v.changed {
			return iterable{}
		}
		return iterable{foreachSet, "a set"}
	case flow.SetComp:
		return iterable{foreachSet, "a set"}
	case flow.Generator: // cannot be stored: said at its assignment
	case flow.List, flow.Tuple:
		return c.sized(v, len(v.Items))
	case flow.Dict:
		if len(v.Items) == 0 && !v.Unpacks && !v.changed {
			return iterable{foreachEmpty, "an empty dict"}
		}
		if len(v.Keys) > 0 && !slices.ContainsFunc(v.Keys, func(k flow.Value) bool { return k.Kind != flow.String }) {
			return c.mapping(n)
		}
	case flow.Call:
		return c.calledIterable(n, v)
	}
	return iterable{}
}

func (c *checker) sized(v held, count int) iterable {
	switch {
	case v.changed && v.Kind != flow.Tuple || v.Unpacks:
		return iterable{}
	case count == 0:
		return iterable{foreachEmpty, "an empty " + map[bool]string{true: "tuple", false: "list"}[v.Kind == flow.Tuple]}
	case count > maxSplits:
		return iterable{foreachTooMany, strconv.Itoa(count)}
	}
	return iterable{}
}

// sameEverywhere: numbers hash alike in every process, and one item has one order.
func sameEverywhere(items []flow.Value) bool {
	return len(items) < 2 || !slices.ContainsFunc(items, func(i flow.Value) bool {
		return i.Kind != flow.Int && i.Kind != flow.Float && i.Kind != flow.Bool
	})
}

// sameOrder: a set, or the call that makes one, of such items.
func sameOrder(v flow.Value) bool {
	if v.Kind == flow.Set {
		return !v.Unpacks && sameEverywhere(v.Items)
	}
	if v.Kind != flow.Call || v.Text != "set" && v.Text != "frozenset" || len(v.Items) != 1 {
		return false
	}
	of := v.Items[0]
	return of.Kind == flow.Call && of.Text == "range" ||
		(of.Kind == flow.List || of.Kind == flow.Tuple || of.Kind == flow.Set) && !of.Unpacks && sameEverywhere(of.Items)
}

// mapping: the task of index 0 reads the value under the key 0.
func (c *checker) mapping(n *graph.Node) iterable {
	child := c.graph.Nodes[n.Step.Next.Targets[0].Name]
	if child == nil || child.Step.Opaque || !c.reads(child.Step.Method.Code().Ops, map[string]bool{}, "input") {
		return iterable{}
	}
	return iterable{foreachDict, "a dict"}
}

// calledIterable judges what a builtin returns.
func (c *checker) calledIterable(n *graph.Node, v held) iterable {
	name := v.Text
	if full, bound := c.flow.Resolve(name, n.Step.Span.Start); bound {
		if name = full; !strings.HasPrefix(name, "itertools.") {
			return iterable{}
		}
	} else if bindsLocal(n.Step.Method.Code().Ops, name) {
		return iterable{}
	}
	none := len(v.Items) == 0 && len(v.Keywords) == 0 && !v.Unpacks
	switch name {
	case "set", "frozenset":
		if sameOrder(v.Value) && !v.changed {
			return iterable{}
		}
		if none && !v.changed {
			return iterable{foreachEmpty, "an empty set"}
		}
		return iterable{foreachSet, "a set"}
	case "len", "int", "float", "sum", "hash", "id", "round", "bool", "any", "all", "ord":
		if name == "sum" || name == "round" {
			return iterable{} // of arrays
		}
		return iterable{foreachNotIterable, "what `" + name + "(...)` returns"}
	case "list", "tuple", "dict":
		if none && !v.changed {
			return iterable{foreachEmpty, "an empty " + name}
		}
		if name == "dict" && len(v.Keywords) > 0 && len(v.Items) == 0 && !v.Unpacks {
			return c.mapping(n)
		}
	case "zip", "map", "filter", "enumerate", "iter", "reversed":
		return c.consumed(n, name)
	case "range":
		return c.ranged(v)
	}
	if strings.HasPrefix(name, "itertools.") && name != "itertools.tee" {
		return c.consumed(n, name)
	}
	return iterable{}
}

// consumed: the foreach itself has read the iterator to its end.
func (c *checker) consumed(n *graph.Node, name string) iterable {
	child := c.graph.Nodes[n.Step.Next.Targets[0].Name]
	if child == nil || child.Step.Opaque || !c.reads(child.Step.Method.Code().Ops, map[string]bool{}, "input") {
		return iterable{}
	}
	return iterable{foreachIterator, "the iterator `" + name + "(...)`"}
}

// ranged counts a range of literals.
func (c *checker) ranged(v held) iterable {
	var n [3]int
	n[2] = 1
	for i, item := range v.Items {
		number, err := strconv.Atoi(item.Text)
		if item.Kind != flow.Int || err != nil || i > 2 || v.Unpacks {
			return iterable{}
		}
		n[i] = number
	}
	switch len(v.Items) {
	case 0:
		return iterable{}
	case 1:
		n[0], n[1] = 0, n[0]
	}
	if n[2] == 0 {
		return iterable{}
	}
	count := 0
	if n[2] > 0 && n[1] > n[0] {
		count = (n[1] - n[0] + n[2] - 1) / n[2]
	} else if n[2] < 0 && n[0] > n[1] {
		count = (n[0] - n[1] - n[2] - 1) / -n[2]
	}
	switch {
	case count == 0:
		return iterable{foreachEmpty, "an empty range"}
	case count > maxSplits:
		return iterable{foreachTooMany, strconv.Itoa(count)}
	}
	return iterable{}
}

func (c *checker) reportForeach(n *graph.Node, op *flow.Op, name string, v held, wrong iterable) {
	span := v.Span.Shift(n.Step.Method.Base)
	keyword, _ := op.Value.Keyword("foreach")
	d := Diagnostic{Rule: wrong.rule, Step: n.Step.Name, Span: span,
		Related: []Related{{keyword.Span.Shift(n.Step.Method.Base), "the foreach"}}}
	wrap := func(function string) []Fix {
		return []Fix{{Title: "Wrap in " + function + "(...)", Edits: append(insert(span.End, ")"), insert(span.Start, function+"(")...), Preferred: true}}
	}
	switch wrong.rule {
	case foreachSet:
		d.Message = fmt.Sprintf("The foreach over `self.%s` goes over a set. Each task reads it in an order of its own, so that items are done twice and others never. Write `sorted(...)` around it.", name)
		d.Fixes = wrap("sorted")
	case foreachNotIterable:
		d.Message = fmt.Sprintf("The foreach over `self.%s` goes over %s, which is not iterable: the run fails here. Store a list.", name, wrong.what)
		if v.Kind == flow.Int && !strings.HasPrefix(v.Text, "-") && v.Text != "0" || v.Text == "len" {
			d.Fixes = wrap("range")
		}
	case foreachEmpty:
		d.Message = fmt.Sprintf("The foreach over `self.%s` goes over %s: the run fails here with \"produced zero splits\". Store at least one item.", name, wrong.what)
	case foreachIterator:
		d.Message = fmt.Sprintf("The foreach over `self.%s` goes over %s. It is used up when the tasks start, and `self.input` fails. Write `list(...)` around it.", name, wrong.what)
		d.Fixes = wrap("list")
	case foreachDict:
		d.Message = fmt.Sprintf("The foreach over `self.%s` goes over a dict, and `self.input` looks up the index 0, 1, ... among its keys: the tasks fail with `KeyError`. Write `list(...)` around it for the keys, or store `list(d.items())`.", name)
		d.Fixes = wrap("list")
	case foreachCharacters:
		d.Message = fmt.Sprintf("The foreach over `self.%s` goes over the characters of %s, one task each. If that is not meant, store a list of strings.", name, wrong.what)
	case foreachTooMany:
		d.Message = fmt.Sprintf("The foreach over `self.%s` makes %s tasks, and a run allows %d unless it is started with `--max-num-splits %s`.", name, wrong.what, maxSplits, wrong.what)
	}
	c.report(d)
}

// notLiteral: Metaflow accepts it, but its graph does not know what is iterated.
func (c *checker) notLiteral(n *graph.Node, keyword flow.Keyword) {
	if !keyword.Value.Known() || keyword.Value.Kind == flow.BadExpression {
		return
	}
	c.report(Diagnostic{Rule: foreachNotLiteral, Step: n.Step.Name, Span: keyword.Value.Span.Shift(n.Step.Method.Base),
		Message: "The name behind `foreach=` is not a literal, so neither Metaflow's graph nor flowls knows what is iterated. Write the name of the artifact as a string: `foreach=\"items\"`."})
}

// numParallel checks the number of nodes.
func (c *checker) numParallel(n *graph.Node, op *flow.Op) {
	keyword, _ := op.Value.Keyword("num_parallel")
	v := keyword.Value
	number, err := strconv.Atoi(v.Text)
	switch {
	case v.Kind == flow.Int && err == nil && number >= 1:
		return
	case !v.Constant() && !slices.Contains([]flow.ValueKind{flow.FString, flow.List, flow.Tuple, flow.Set, flow.Dict, flow.Test}, v.Kind):
		return
	}
	c.report(Diagnostic{Rule: badNumParallel, Step: n.Step.Name, Span: v.Span.Shift(n.Step.Method.Base),
		Message: fmt.Sprintf("`num_parallel` must be a whole number from 1 on: with `%s` the run fails.", c.file.Slice(text.Span.Shift(v.Span, n.Step.Method.Base)))})
}
