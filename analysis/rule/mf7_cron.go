package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Metaflow hands a cron expression to the scheduler as it is: EventBridge wants
// the six fields of AWS, Argo Workflows gets the first five, and Airflow takes
// five, six or a preset. What is wrong here is wrong for all of them: a field
// may have what any of them reads.

// cronField is one place of an expression.
type cronField struct {
	name     string
	min, max int
	names    []string // of min and on
	special  string   // letters that AWS or Quartz allow behind or in place of a number
}

var cronFields = []cronField{
	{name: "minute", max: 59},
	{name: "hour", max: 23},
	{name: "day of the month", min: 1, max: 31, special: "LW"},
	{name: "month", min: 1, max: 12, names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
	{name: "day of the week", max: 7, names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, special: "L#"},
}

var cronPresets = []string{"@annually", "@continuous", "@daily", "@every", "@hourly", "@midnight", "@monthly", "@once", "@quarterly", "@reboot", "@weekly", "@yearly"}

// cronProblem says what no scheduler reads, "" if some may.
func cronProblem(expression string) string {
	fields := strings.Fields(expression)
	if len(fields) > 0 && strings.HasPrefix(fields[0], "@") {
		if !slices.Contains(cronPresets, strings.ToLower(fields[0])) {
			return fmt.Sprintf("`%s` is no preset", clip(fields[0]))
		}
		return ""
	}
	if len(fields) < len(cronFields) {
		return fmt.Sprintf("it has %d of the fields minute, hour, day of the month, month, day of the week and year", len(fields))
	}
	for i, f := range cronFields {
		for part := range strings.SplitSeq(fields[i], ",") {
			if wrong := f.problem(strings.ToUpper(part)); wrong != "" {
				return fmt.Sprintf("`%s` for the %s %s", clip(fields[i]), f.name, wrong)
			}
		}
	}
	return ""
}

// problem judges one element of a field: *, ?, a number, a range, with a step.
func (f cronField) problem(part string) string {
	rest, step, stepped := strings.Cut(part, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1) {
		return "has a step that is no positive number"
	}
	switch {
	case rest == "*" || rest == "?":
		return ""
	case f.special != "" && (strings.HasPrefix(rest, "L") || strings.HasSuffix(rest, "L") || strings.ContainsAny(rest, "W#")):
		return f.specialProblem(rest)
	}
	from, to, ranged := strings.Cut(rest, "-")
	if !f.holds(from) || ranged && !f.holds(to) {
		return fmt.Sprintf("is not between %d and %d", f.min, f.max)
	}
	return ""
}

func (f cronField) holds(s string) bool {
	if slices.Contains(f.names, s) {
		return true
	}
	n, err := strconv.Atoi(s)
	return err == nil && !strings.HasPrefix(s, "+") && f.min <= n && n <= f.max
}

// specialProblem judges L, W and #, of which the schedulers read different
// forms: only a number out of range is wrong for sure.
func (f cronField) specialProblem(s string) string {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("LW#-", r) }) {
		if !f.holds(part) {
			return fmt.Sprintf("is not between %d and %d", f.min, f.max)
		}
	}
	return ""
}
