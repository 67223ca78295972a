package rule

import (
	"slices"
	"strings"

	"flowls/analysis/flow"
)

// unpicklable says what an attribute is when pickle surely refuses it, else "".
func (c *checker) unpicklable(a *flow.Attribute, value flow.Value) string {
	if a.Kind == flow.ModuleAttribute {
		return "a module"
	}
	return c.unpicklableValue(value, a.Span.Start)
}

func (c *checker) unpicklableValue(v flow.Value, at int) string {
	full, bound := c.flow.Resolve(v.Text, at)
	switch v.Kind {
	case flow.Generator:
		return "a generator"
	case flow.List, flow.Tuple, flow.Set, flow.Dict:
		for _, i := range v.Items {
			if i.Kind == flow.Lambda {
				return "a lambda in a collection"
			}
			if what := c.unpicklableValue(i, at); what != "" {
				return what
			}
		}
	case flow.Name:
		if bound && slices.Contains([]string{"sys.stdout", "sys.stderr", "sys.stdin"}, full) {
			return "`" + full + "`"
		}
		if bound && full != "" && !strings.Contains(full, ".") && !strings.Contains(v.Text, ".") {
			return "a module"
		}
	case flow.Call:
		switch {
		case v.Text == "open" && c.isBuiltin("open", at):
			return "an open file"
		case bound && full == "collections.defaultdict" && len(v.Items) > 0 && v.Items[0].Kind == flow.Lambda:
			return "a `defaultdict` with a lambda"
		case bound:
			return unpicklableCalls[strings.TrimPrefix(full, "builtins.")]
		}
	}
	return ""
}
