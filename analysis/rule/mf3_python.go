package rule

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"flowls/analysis/flow"
)

// What Python makes of a value, as far as its text shows. A name, a call, a
// Config or an f-string may be anything: kindOf is "" then, and nothing is known.

// kindOf is the name of a value's type in Python, "" if it is not known.
func kindOf(v flow.Value) string {
	switch v.Kind {
	case flow.String, flow.FString:
		return "str"
	case flow.Bytes:
		return "bytes"
	case flow.Int:
		return "int"
	case flow.Float:
		return "float"
	case flow.Complex:
		return "complex"
	case flow.Bool:
		return "bool"
	case flow.None:
		return "None"
	case flow.Ellipsis:
		return "ellipsis"
	case flow.List, flow.ListComp:
		return "list"
	case flow.Tuple:
		return "tuple"
	case flow.Set, flow.SetComp:
		return "set"
	case flow.Dict, flow.DictComp:
		return "dict"
	case flow.Lambda:
		return "function"
	case flow.Generator:
		return "generator"
	}
	return ""
}

// truth is the truth of a value, if it is known.
func truth(v flow.Value) (is, known bool) {
	switch v.Kind {
	case flow.String, flow.Bytes:
		return v.Text != "", true
	case flow.Int, flow.Float, flow.Complex:
		return strings.Trim(v.Text, "0.j-") != "", true
	case flow.Bool:
		return v.Text == "True", true
	case flow.None:
		return false, true
	case flow.Ellipsis, flow.Lambda, flow.Generator:
		return true, true
	case flow.List, flow.Tuple, flow.Set, flow.Dict:
		return len(v.Items) > 0, len(v.Items) > 0 || !v.Unpacks
	}
	return false, false
}

// number is a value as int() or float() reads it.
type number struct {
	value float64
	known bool // else it may be any
	bad   bool // Python raises
}

var (
	decimalInt   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[+-]?\d+(_\d+)*$`) })
	decimalFloat = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)^[+-]?((\d+(_\d+)*)?\.?\d*(_\d+)*(e[+-]?\d+(_\d+)*)?|inf(inity)?|nan)$`)
	})
)

// asInt is int(v).
func asInt(v flow.Value) number {
	switch v.Kind {
	case flow.String, flow.Bytes:
		return parse(v.Text, decimalInt())
	case flow.Float:
		f, err := strconv.ParseFloat(v.Text, 64)
		return number{math.Trunc(f), err == nil, math.IsInf(f, 0)}
	}
	return plainNumber(v)
}

// asFloat is float(v).
func asFloat(v flow.Value) number {
	if v.Kind == flow.String || v.Kind == flow.Bytes {
		return parse(v.Text, decimalFloat())
	}
	return plainNumber(v)
}

func plainNumber(v flow.Value) number {
	switch v.Kind {
	case flow.Int, flow.Float:
		f, err := strconv.ParseFloat(v.Text, 64)
		return number{f, err == nil, false}
	case flow.Bool:
		if v.Text == "True" {
			return number{1, true, false}
		}
		return number{0, true, false}
	case flow.FString:
		return number{}
	}
	return number{bad: kindOf(v) != ""}
}

// parse reads a number that Python reads from a string. Digits of other
// scripts are numbers in Python too: nothing is said about them.
func parse(s string, form *regexp.Regexp) number {
	s = strings.TrimSpace(s)
	for _, r := range s {
		if r >= 0x80 {
			return number{}
		}
	}
	if !form.MatchString(s) || strings.Trim(s, "+-._") == "" {
		return number{bad: true}
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil && !math.IsInf(f, 0) {
		return number{} // neither here nor there
	}
	return number{f, true, false}
}

// shown is a value for a message.
func shown(v flow.Value) string {
	switch v.Kind {
	case flow.String:
		return "`" + clip(strconv.Quote(v.Text)) + "`"
	case flow.Int, flow.Float, flow.Bool:
		return "`" + clip(v.Text) + "`"
	case flow.None:
		return "`None`"
	}
	return "a " + kindOf(v)
}

// clip keeps messages on a line.
func clip(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}

// wrongKind says that a value should be something else.
func wrongKind(v flow.Value, want string) string {
	return fmt.Sprintf("is %s; use %s.", shown(v), want)
}
