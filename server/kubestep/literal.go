package kubestep

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"flowls/analysis/flow"
	"flowls/runner/preflight"
)

// Literal is the value of an expression that is a literal through and through.
func Literal(v flow.Value) any {
	switch v.Kind {
	case flow.None:
		return nil
	case flow.Bool:
		return v.Text == "True"
	case flow.String:
		return v.Text
	case flow.Int, flow.Float:
		f, err := strconv.ParseFloat(v.Text, 64)
		if n := int64(f); err == nil && v.Kind == flow.Int && float64(n) == f {
			return n
		} else if err == nil && v.Kind == flow.Float {
			return f
		}
	case flow.List, flow.Tuple:
		return items(v)
	case flow.Dict:
		return entries(v)
	}
	return preflight.Unknown{}
}

func items(v flow.Value) any {
	list := []any{}
	for _, item := range v.Items {
		list = append(list, Literal(item))
	}
	return known(list, v)
}

func entries(v flow.Value) any {
	all := map[string]any{}
	for i, key := range v.Keys {
		if key.Kind != flow.String {
			return preflight.Unknown{}
		}
		all[key.Text] = Literal(v.Items[i])
	}
	return known(all, v)
}

func known(whole any, v flow.Value) any {
	if !v.Literal() {
		return preflight.Unknown{}
	}
	return whole
}

// nextArgument is where Metaflow splits the arguments of --with.
var nextArgument = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`,([\s\w]+=)`) })

// ParseWith reads the arguments of a decorator as --with has them: JSON, a
// number, or else a text.
func ParseWith(arguments string) map[string]any {
	given := map[string]any{}
	for part := range strings.SplitSeq(nextArgument().ReplaceAllString(arguments, "\x00$1"), "\x00") {
		name, written, found := strings.Cut(part, "=")
		if !found {
			continue
		}
		given[strings.TrimSpace(name)] = parseValue(strings.TrimSpace(written))
	}
	return given
}

func parseValue(written string) any {
	d := json.NewDecoder(strings.NewReader(strings.ReplaceAll(written, `\"`, `"`)))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return written
	}
	return plain(v)
}

// plain tells whole numbers from others, as Python does.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, err := v.Float64()
		if err != nil {
			return preflight.Unknown{}
		}
		return f
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = plain(v[key])
		}
	}
	return v
}
