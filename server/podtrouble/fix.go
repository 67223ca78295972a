package podtrouble

import (
	"fmt"
	"strconv"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/server/stepedit"
)

// Fixes change what the step asks the cluster for. fit is nil where that is not known.
func (t Trouble) Fixes(src *text.Text, s *flow.Step, fit *Fit) []rule.Fix {
	switch t.Rule {
	case rule.PodOutOfMemory:
		return moreMemory(src, s, max(t.First.Limit, t.First.Request))
	case rule.PodImage:
		return stepedit.Without(s, "image", "Remove the image: Metaflow takes its own")
	case rule.PodDeadline:
		return moreTime(s)
	case rule.PodLost:
		if stepedit.Decorator(s, "retry") == nil {
			return stepedit.Decorate(src, s.Span.Start, "retry", "", "Add @retry")
		}
	case rule.PodConfig:
		if m := missingName(t.First.Message, "secret"); m != "" {
			return stepedit.WithoutItem(s, "secrets", m)
		}
	case rule.PodRefused:
		if strings.Contains(t.First.Message, "service account") {
			return stepedit.Without(s, "service_account", "Remove the service account: the namespace has a default one")
		}
		if q := overQuota(t.First.Message); q != nil {
			return q.fixes(src, fit)
		}
	case rule.PodUnschedulable:
		switch {
		case strings.Contains(t.First.Message, "labels that the node selector"):
			return stepedit.Without(s, "node_selector", "Remove the node selector")
		case strings.Contains(t.First.Message, "persistent volume claim"):
			return stepedit.Without(s, "persistent_volume_claims", "Remove the persistent volume claims")
		}
		return fit.fixes(src, t)
	}
	return nil
}

const (
	Mega          = 1_000_000   // the unit of memory=
	defaultMemory = 4096 * Mega // what Metaflow asks for where nothing else is said
)

// moreMemory asks for twice as much, in the argument that counts: Metaflow takes
// the larger one of @kubernetes and @resources.
func moreMemory(src *text.Text, s *flow.Step, had int64) []rule.Fix {
	if had == 0 {
		had = defaultMemory
	}
	want := strconv.FormatInt(2*max(had/Mega, 1), 10)
	title := fmt.Sprintf("Ask for %s of memory", Bytes(2*had))
	for _, name := range []string{"kubernetes", "resources"} {
		if d := stepedit.Decorator(s, name); d != nil {
			a := stepedit.Argument(d, "memory")
			switch {
			case a != nil && a.Value.Kind == flow.Int:
				return []rule.Fix{stepedit.Replace(a.ValueSpan, want, title)}
			case a != nil && a.Value.Kind == flow.String:
				return []rule.Fix{stepedit.Replace(a.ValueSpan, strconv.Quote(want), title)}
			case a != nil:
				return nil // it is computed
			}
		}
	}
	for _, name := range []string{"kubernetes", "resources"} {
		if d := stepedit.Decorator(s, name); d != nil {
			return []rule.Fix{stepedit.AddArgument(src, d, "memory="+want, title)}
		}
	}
	return stepedit.Decorate(src, s.Span.Start, "resources", "(memory="+want+")", title)
}

// moreTime doubles the limit.
func moreTime(s *flow.Step) []rule.Fix {
	d := stepedit.Decorator(s, "timeout")
	if d == nil {
		return nil
	}
	for _, unit := range []string{"hours", "minutes", "seconds"} {
		a := stepedit.Argument(d, unit)
		if a == nil || a.Value.Kind != flow.Int {
			continue
		}
		if n, err := strconv.ParseInt(a.Value.Text, 10, 32); err == nil && n > 0 {
			return []rule.Fix{stepedit.Replace(a.ValueSpan, strconv.FormatInt(2*n, 10), fmt.Sprintf("Allow %d %s", 2*n, unit))}
		}
	}
	return nil
}

// missingName is the name in `secret "x" not found`, "" if there is none.
func missingName(message, kind string) string {
	_, rest, found := strings.Cut(message, kind+" \"")
	if !found {
		if _, rest, found = strings.Cut(message, kind+" `"); !found {
			return ""
		}
		name, _, _ := strings.Cut(rest, "`")
		return name
	}
	name, _, _ := strings.Cut(rest, "\"")
	return name
}
