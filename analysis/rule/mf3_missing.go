package rule

import (
	"fmt"
	"strings"
	"unicode"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// requirement is what a decorator cannot do without: one of the arguments, with
// a value that Metaflow takes for given.
type requirement struct {
	oneOf   []string
	given   func(v flow.Value) (is, known bool)
	advice  string
	example func(c *checker) string // an argument to add, "" if nothing is obvious
}

var requirements = map[string]requirement{
	"project":                      {[]string{"name"}, truth, "give it a `name`", projectExample},
	"trigger":                      {[]string{"event", "events"}, truth, "name an `event`", nil},
	"trigger_on_finish":            {[]string{"flow", "flows"}, truth, "name a `flow`", nil},
	"exit_hook":                    {[]string{"on_success", "on_error"}, truth, "give it `on_success` or `on_error`", nil},
	"airflow_external_task_sensor": {[]string{"external_dag_id"}, notNone, "name the DAG in `external_dag_id`", nil},
	"airflow_s3_key_sensor":        {[]string{"bucket_key"}, notNone, "name the key in `bucket_key`", nil},
}

func notNone(v flow.Value) (is, known bool) {
	return v.Kind != flow.None, v.Kind == flow.None || kindOf(v) != ""
}

// unfinished finds decorators that lack what they need. A decorator from
// elsewhere beside it may be a mutator, which adds that.
func (c *checker) unfinished(a applied, others []applied) {
	if a.builtin == nil || !a.whole() || mutable(others) || a.step != nil && mutable(c.classDecorators()) {
		return
	}
	if a.is("timeout") {
		c.zeroTimeout(a)
		return
	}
	need, ok := requirements[a.builtin.Name]
	if !ok {
		return
	}
	for _, name := range need.oneOf {
		if arg, ok := a.arg(name); ok {
			if is, known := need.given(arg.Value); is || !known {
				return
			}
		}
	}
	for _, arg := range a.Args {
		if arg.Name == "" {
			return // that is the finding
		}
	}
	var fixes []Fix
	if need.example != nil && len(a.Args) == 0 {
		fixes = append(fixes, c.addArgument(a, need.example(c)))
	}
	c.at(missingArgument, a, a.Span, fmt.Sprintf("`@%s` does nothing by itself; %s.", a.builtin.Name, need.advice), fixes...)
}

// zeroTimeout finds a @timeout whose parts, as whole numbers, add up to nothing.
func (c *checker) zeroTimeout(a applied) {
	if seconds, known := timeoutSeconds(a); known && seconds == 0 {
		c.at(missingArgument, a, a.Span, "`@timeout` is over at once; give it `seconds`, `minutes` or `hours`, as whole numbers.")
	}
}

// timeoutSeconds is how long a @timeout waits, if its arguments are numbers.
func timeoutSeconds(a applied) (seconds float64, known bool) {
	if !a.whole() {
		return 0, false
	}
	for _, arg := range a.Args {
		unit := map[string]float64{"seconds": 1, "minutes": 60, "hours": 3600}[arg.Name]
		n := asInt(arg.Value)
		if unit == 0 || !n.known {
			return 0, false
		}
		seconds += unit * n.value
	}
	return seconds, true
}

// projectExample derives a name from that of the flow.
func projectExample(c *checker) string {
	var b strings.Builder
	for i, r := range strings.TrimSuffix(c.flow.Name, "Flow") {
		switch {
		case unicode.IsUpper(r) && i > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
			fallthrough
		default:
			r = unicode.ToLower(r)
			if r < 0x80 {
				b.WriteRune(r)
			}
		}
	}
	if b.Len() == 0 {
		return `name="my_project"`
	}
	return `name="` + b.String() + `"`
}

// addArgument writes the first argument of a decorator.
func (c *checker) addArgument(a applied, argument string) Fix {
	edit := text.Edit{Span: text.Span{Start: a.NameSpan.End, End: a.NameSpan.End}, New: "(" + argument + ")"}
	if a.Call {
		open := strings.IndexByte(c.file.Slice(text.Span{Start: a.NameSpan.End, End: a.Span.End}), '(')
		at := a.NameSpan.End + open + 1
		edit = text.Edit{Span: text.Span{Start: at, End: at}, New: argument}
	}
	return Fix{Title: "Add " + argument, Edits: []text.Edit{edit}, Preferred: true}
}
