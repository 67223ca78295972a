package rule

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/flow"
)

// schedules: Metaflow takes the first of cron, weekly, hourly and daily.
func (c *checker) schedules(a applied) {
	var given []flow.DecoratorArg
	for _, name := range []string{"cron", "weekly", "hourly", "daily"} {
		if arg, ok := a.arg(name); ok {
			if is, known := truth(arg.Value); is && known {
				given = append(given, arg)
			}
		}
	}
	if len(given) < 2 {
		return
	}
	for _, arg := range given[1:] {
		c.at(severalSchedules, a, arg.Span, fmt.Sprintf("`%s` is ignored, since `%s` is given; remove one of them.", arg.Name, given[0].Name))
	}
}

func cronExpression(v flow.Value, _ context) *problem {
	if is, known := truth(v); known && !is {
		return nil
	}
	if kind := kindOf(v); kind != "" && kind != "str" {
		return &problem{text: wrongKind(v, "a cron expression, as a string")}
	}
	if v.Kind != flow.String {
		return nil
	}
	if wrong := cronProblem(v.Text); wrong != "" {
		return say("is read by no scheduler: %s.", wrong)
	}
	return nil
}

// zoneList holds the names of the time zone database.
//
//go:embed zones.txt
var zoneList string

var zones = sync.OnceValue(func() []string {
	return slices.DeleteFunc(strings.Split(strings.TrimSpace(zoneList), "\n"), func(line string) bool { return strings.HasPrefix(line, "#") })
})

// timezone: a name that is new in the database is let through when its area is known.
func timezone(v flow.Value, _ context) *problem {
	if is, known := truth(v); known && !is {
		return nil
	}
	if kind := kindOf(v); kind != "" && kind != "str" {
		return &problem{text: wrongKind(v, "the name of a time zone, as a string")}
	}
	if v.Kind != flow.String || slices.Contains(zones(), v.Text) {
		return nil
	}
	near := nearestWithin(strings.ReplaceAll(v.Text, " ", "_"), zones(), 3)
	area, city, isCity := strings.Cut(v.Text, "/")
	areaKnown := slices.ContainsFunc(zones(), func(z string) bool { return strings.HasPrefix(z, area+"/") })
	switch {
	case near != "":
		return &problem{fmt.Sprintf("is %s, which is no time zone; did you mean `%s`?", shown(v), near), `"` + near + `"`}
	case isCity && city != "" && areaKnown:
		return nil
	}
	return say("is %s, which is no time zone; use a name such as `America/New_York`.", shown(v))
}
