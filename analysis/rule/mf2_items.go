package rule

import (
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
)

// items says what the text shows of the number of items of a foreach: surely
// several, or perhaps a single one, whose only task agrees with itself.
func (c *checker) items(split *artifact.Step) (several, single bool) {
	name := split.Node.Step.Next.Foreach
	if c.parameterNamed(name) != nil {
		return false, true
	}
	sites, open := split.Reached(name)
	several = len(sites) > 0 && !open
	for _, s := range sites {
		v := s.Value()
		count, known := itemCount(v)
		several = several && known && count > 1
		single = single || known && count == 1 || !known && c.oneByParameter(v)
	}
	return several, single
}

// itemCount is how many items a value has that shows it.
func itemCount(v flow.Value) (count int, known bool) {
	switch {
	case (v.Kind == flow.List || v.Kind == flow.Tuple || v.Kind == flow.Set) && !v.Unpacks:
		return len(v.Items), true
	case v.Kind != flow.Call || len(v.Items) != 1 || len(v.Keywords) > 0 || v.Unpacks:
		return 0, false
	case v.Text == "list" || v.Text == "tuple":
		return itemCount(v.Items[0])
	case v.Text == "range" && v.Items[0].Kind == flow.Int:
		n := asInt(v.Items[0])
		return int(n.value), n.known
	}
	return 0, false
}

// oneByParameter reports whether a value depends on a parameter whose default
// may well make one item of it: all but a number above one.
func (c *checker) oneByParameter(v flow.Value) bool {
	if v.Kind == flow.Name || v.Kind == flow.Call {
		_, attribute, own := strings.Cut(v.Text, ".")
		name, _, _ := strings.Cut(attribute, ".")
		if p := c.parameterNamed(name); own && p != nil {
			given, _ := p.Call().Keyword("default")
			n := asInt(given.Value)
			return given.Value.Kind != flow.Int || !n.known || n.value < 2
		}
	}
	for _, list := range [][]flow.Value{v.Items, v.Keys} {
		if slices.ContainsFunc(list, c.oneByParameter) {
			return true
		}
	}
	return slices.ContainsFunc(v.Keywords, func(k flow.Keyword) bool { return c.oneByParameter(k.Value) })
}

// parameterNamed is the parameter that a class attribute is, nil if it is none.
func (c *checker) parameterNamed(attribute string) *flow.Parameter {
	if i := slices.IndexFunc(c.flow.Parameters, func(p *flow.Parameter) bool { return p.Attr == attribute }); i >= 0 {
		return c.flow.Parameters[i]
	}
	return nil
}
