package rule

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/flow"
)

// What Python's int() and float() take, in ASCII.
var (
	intText   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*[+-]?\d+(_\d+)*\s*$`) })
	floatText = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*[+-]?((\d+(_\d+)*)(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)([eE][+-]?\d+(_\d+)*)?\s*$`)
	})
	floatName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)^\s*[+-]?(inf|infinity|nan)\s*$`) })
	boolNames = []string{"true", "t", "1", "yes", "y", "false", "f", "0", "no", "n"}
)

// misfit says what is wrong with a default of a type, "" if nothing is, or
// nothing that is certain. Metaflow hands the default to click, which converts
// it as if it stood on the command line.
func misfit(kind string, v flow.Value) string {
	if !v.Literal() && v.Kind != flow.ListComp && v.Kind != flow.SetComp && v.Kind != flow.DictComp {
		return ""
	}
	switch kind {
	case "...":
		return "is `...`, which is no value"
	case "int":
		return notNumber(v, "an int", intText().MatchString)
	case "float":
		return notNumber(v, "a float", func(s string) bool { return floatText().MatchString(s) || floatName().MatchString(s) })
	case "bool":
		switch {
		case v.Kind == flow.Bool, v.Kind == flow.String && slices.Contains(boolNames, strings.ToLower(v.Text)):
			return ""
		case v.Kind == flow.Int:
			return "is a number, and its type is `bool`: write `True` or `False`"
		}
		return "is no bool"
	case "JSON":
		if v.Kind == flow.String && !validJSON(v.Text) {
			return "is not valid JSON"
		}
	case "list", "tuple", "set":
		switch v.Kind {
		case flow.Int, flow.Float, flow.Bool, flow.Complex, flow.Ellipsis:
			return "is no " + kind
		}
	case "dict":
		switch v.Kind {
		case flow.Int, flow.Float, flow.Bool, flow.Complex, flow.Ellipsis:
			return "is no dict"
		case flow.String:
			if v.Text != "" {
				return "is a string, which `dict` cannot read: use `JSONType`"
			}
		case flow.List, flow.Tuple:
			if slices.ContainsFunc(v.Items, func(i flow.Value) bool {
				return slices.Contains([]flow.ValueKind{flow.Int, flow.Float, flow.Bool, flow.None}, i.Kind)
			}) {
				return "holds no pairs of key and value, as a dict does"
			}
		}
	}
	return ""
}

// notNumber says that a value is not what it should be, "" if it may be.
func notNumber(v flow.Value, what string, reads func(string) bool) string {
	switch v.Kind {
	case flow.Int, flow.Float, flow.Bool:
		return ""
	case flow.String, flow.Bytes:
		if reads(v.Text) || !ascii(v.Text) {
			return ""
		}
	}
	return "is not " + what
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// validJSON is false when Python's json.loads surely refuses the text. It knows
// three numbers more than JSON does.
func validJSON(s string) bool {
	return json.Valid([]byte(s)) || strings.Contains(s, "NaN") || strings.Contains(s, "Infinity")
}

// jsonObject is false when the text surely is neither an object nor null.
func jsonObject(s string) bool {
	s = strings.TrimSpace(s)
	return validJSON(s) && (strings.HasPrefix(s, "{") || s == "null")
}
