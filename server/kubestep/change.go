package kubestep

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/text"
	"flowls/runner/preflight"
)

// Change is one of the file: New takes the place of Span, or, where To is not
// nil, is an argument more of that decorator.
type Change struct {
	Span text.Span
	New  string
	To   *flow.Decorator
}

// Lower has the step ask for no more than that of some arguments, in Metaflow's
// units. It answers nil where the file cannot say so: the value is computed, or
// comes from the command line or the configuration and is the larger one.
func (s *Step) Lower(instead map[string]string) []Change {
	var changes []Change
	given, sizes := clone(s.given), clone(s.sizes)
	for _, argument := range slices.Sorted(maps.Keys(instead)) {
		to, most := instead[argument], number(instead[argument])
		for _, of := range []struct {
			*flow.Decorator
			preflight.Arguments
		}{{s.kubernetes, given}, {s.resources, sizes}} {
			change, ok := lowered(of.Decorator, argument, to)
			if !ok {
				return nil
			}
			if change != nil {
				of.Given[argument] = most
				changes = append(changes, *change)
			}
		}
		_, says := given.Given[argument]
		if after := s.asked(given, sizes); !atMost(&after, argument, to) && s.kubernetes != nil && !says && !given.Open {
			// What is asked for without a word.
			given.Given[argument] = most
			changes = append(changes, Change{New: argument + "=" + to, To: s.kubernetes})
		}
	}
	after := s.asked(given, sizes)
	for argument, to := range instead {
		if !atMost(&after, argument, to) {
			return nil
		}
	}
	return changes
}

// number is an argument as the file would have it.
func number(written string) any {
	if n, err := strconv.ParseInt(written, 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(written, 64)
	if err != nil {
		return preflight.Unknown{}
	}
	return f
}

// lowered changes the literal of a decorator that asks for more; nil if none does.
func lowered(d *flow.Decorator, argument, to string) (change *Change, ok bool) {
	if d == nil {
		return nil, true
	}
	a := slices.IndexFunc(d.Args, func(a flow.DecoratorArg) bool { return a.Name == argument })
	if a < 0 {
		return nil, true
	}
	most, err := strconv.ParseFloat(to, 64)
	if err != nil {
		return nil, false
	}
	var asked float64
	switch v := Literal(d.Args[a].Value).(type) {
	case nil:
		return nil, true
	case int64:
		asked = float64(v)
	case float64:
		asked = v
	case string:
		if asked, err = strconv.ParseFloat(v, 64); err != nil {
			return nil, false
		}
		to = strconv.Quote(to)
	default:
		return nil, false
	}
	if asked <= most {
		return nil, true
	}
	return &Change{Span: d.Args[a].ValueSpan, New: to}, true
}

// atMost holds what is asked for to an argument.
func atMost(r *preflight.Request, argument, to string) bool {
	most, err := strconv.ParseFloat(to, 64)
	if err != nil || r.Unknown[argument] {
		return false
	}
	unit, found := 1000.0, false
	if argument == "memory" || argument == "disk" {
		unit = 1e9
	}
	for name, asked := range r.Requests {
		if r.Argument(name) == argument {
			found = true
			if float64(asked) > most*unit+0.5 {
				return false
			}
		}
	}
	return found
}

func clone(a preflight.Arguments) preflight.Arguments {
	a.Given = maps.Clone(a.Given)
	if a.Given == nil {
		a.Given = map[string]any{}
	}
	return a
}

// Tolerate adds tolerations to those that the step has. Metaflow takes those of
// its configuration only where the step has none, so they are written down too.
// It answers nil where the file cannot say so.
func (s *Step) Tolerate(more ...preflight.Toleration) []Change {
	if s.kubernetes == nil || s.Request.Unknown["tolerations"] || len(more) == 0 {
		return nil
	}
	whole := "[" + written(append(s.Request.Tolerations[:len(s.Request.Tolerations):len(s.Request.Tolerations)], more...)) + "]"
	for _, a := range s.kubernetes.Args {
		if a.Name != "tolerations" {
			continue
		}
		if n := len(a.Value.Items); n > 0 && (a.Value.Kind == flow.List || a.Value.Kind == flow.Tuple) {
			end := a.Value.Items[n-1].Span.End
			return []Change{{Span: text.Span{Start: end, End: end}, New: ", " + written(more)}}
		}
		return []Change{{Span: a.ValueSpan, New: whole}}
	}
	return []Change{{New: "tolerations=" + whole, To: s.kubernetes}}
}

// written is how a file lists tolerations.
func written(all []preflight.Toleration) string {
	var items []string
	for _, t := range all {
		var fields []string
		for _, f := range []struct{ key, value string }{{"key", t.Key}, {"operator", t.Operator}, {"value", t.Value}, {"effect", t.Effect}} {
			if f.value != "" {
				fields = append(fields, strconv.Quote(f.key)+": "+strconv.Quote(f.value))
			}
		}
		if t.Seconds != nil {
			fields = append(fields, `"toleration_seconds": `+strconv.FormatInt(*t.Seconds, 10))
		}
		items = append(items, "{"+strings.Join(fields, ", ")+"}")
	}
	return strings.Join(items, ", ")
}

// Tolerations is an argument of @kubernetes.
func Tolerations(all []preflight.Toleration) string { return "tolerations=[" + written(all) + "]" }
