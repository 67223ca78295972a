package rule

import (
	"fmt"
	"regexp"
	"sync"

	"flowls/analysis/flow"
)

// The rules about values that matter when a flow is deployed. Metaflow checks
// some of them before any command (errors), others only in `create` or never
// (warnings).
var (
	invalidProjectName      = &Rule{Code: "MF710", Name: "invalid-project-name", Severity: Error, Summary: "The name or branch of a @project has a character that Metaflow does not allow, or is too long."}
	invalidTrigger          = &Rule{Code: "MF711", Name: "invalid-trigger", Severity: Error, Summary: "A @trigger or @trigger_on_finish has not a form that Metaflow reads."}
	duplicateEvent          = &Rule{Code: "MF712", Name: "duplicate-event", Severity: Error, Summary: "A @trigger names an event twice."}
	invalidEventName        = &Rule{Code: "MF713", Name: "invalid-event-name", Severity: Warning, Summary: "Argo Workflows refuses the name of an event or of a field."}
	unknownTriggerParameter = &Rule{Code: "MF714", Name: "unknown-trigger-parameter", Severity: Warning, Summary: "A @trigger maps an event to a parameter that the flow does not have, or maps one twice."}
	twoTriggers             = &Rule{Code: "MF715", Name: "two-kinds-of-trigger", Severity: Warning, Summary: "Argo Workflows does not take @trigger and @trigger_on_finish together."}
	severalSchedules        = &Rule{Code: "MF716", Name: "several-schedules", Severity: Warning, Summary: "A @schedule has several times; all but one are ignored."}
	invalidCron             = &Rule{Code: "MF717", Name: "invalid-cron", Severity: Warning, Summary: "No scheduler reads the cron expression of a @schedule."}
	unknownTimezone         = &Rule{Code: "MF718", Name: "unknown-timezone", Severity: Warning, Summary: "The time zone of a @schedule does not exist."}
	invalidExitHook         = &Rule{Code: "MF719", Name: "invalid-exit-hook", Severity: Error, Summary: "An @exit_hook gets what is no list of functions."}
	hookIsString            = &Rule{Code: "MF720", Name: "exit-hook-is-a-string", Severity: Warning, Summary: "An @exit_hook gets a string in place of a list."}
)

// deployRules are about values that matter when a flow is deployed: MF710 and on.
var deployRules = []*Rule{
	invalidProjectName, invalidTrigger, duplicateEvent, invalidEventName, unknownTriggerParameter, twoTriggers,
	severalSchedules, invalidCron, unknownTimezone, invalidExitHook, hookIsString,
}

// deployChecks looks at the decorators of a flow and its bases together.
func (c *checker) deployChecks(list []applied) {
	found := map[string]applied{}
	for _, a := range list {
		if a.builtin == nil {
			continue
		}
		found[a.builtin.Name] = a
		switch a.builtin.Name {
		case "trigger":
			c.exclusive(a, "event", "events", truth)
			c.trigger(a)
		case "trigger_on_finish":
			c.exclusive(a, "flow", "flows", truth)
			c.triggerOnFinish(a)
		case "schedule":
			c.schedules(a)
		case "exit_hook":
			c.hookAlone(a)
			c.hooksByLetter(a)
		}
	}
	trigger, one := found["trigger"]
	finish, other := found["trigger_on_finish"]
	if one && other {
		c.reportOnce(Diagnostic{
			Rule: twoTriggers, Span: finish.Span, Related: []Related{{trigger.Span, "the other one"}},
			Message: "Argo Workflows does not take `@trigger_on_finish` together with `@trigger`; use one of them.",
		})
	}
}

// nameLimit is the length of a project's or branch's name.
const nameLimit = 128

var invalidNameChar = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^a-z0-9_]`) })

func projectName(v flow.Value, _ context) *problem {
	if is, known := truth(v); known && !is {
		return nil // none given
	}
	if kind := kindOf(v); kind != "" && kind != "str" {
		return &problem{text: wrongKind(v, "a string")}
	}
	if v.Kind != flow.String {
		return nil
	}
	if invalidNameChar().MatchString(v.Text) {
		return &problem{fmt.Sprintf("is %s; use lowercase letters, digits and underscores only.", shown(v)), snake(v.Text)}
	}
	if n := len([]rune(v.Text)); n > nameLimit {
		return say("has %d characters; use at most %d.", n, nameLimit)
	}
	return nil
}

// snake makes a name of what is not quite one, "" if little would be left.
func snake(s string) string {
	out := make([]byte, 0, len(s)+2)
	for i := range len(s) {
		switch b := s[i]; {
		case b >= 'A' && b <= 'Z':
			if i > 0 && s[i-1] >= 'a' && s[i-1] <= 'z' {
				out = append(out, '_')
			}
			out = append(out, b+'a'-'A')
		case b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_':
			out = append(out, b)
		case b < 0x80 && b > ' ' || b == ' ':
			out = append(out, '_')
		default:
			return ""
		}
	}
	if len(out) > nameLimit {
		return ""
	}
	return `"` + string(out) + `"`
}

func exitHooks(v flow.Value, _ context) *problem {
	switch kind := kindOf(v); kind {
	case "":
		return nil
	case "str", "bytes", "dict", "generator": // what one gets from these is accepted
		return nil
	case "list", "tuple", "set":
	default:
		return &problem{text: wrongKind(v, "a list of functions")}
	}
	for _, item := range v.Items {
		if kind := kindOf(item); kind != "" && kind != "str" && kind != "function" {
			return say("holds %s; a hook is a function or its name as a string.", shown(item))
		}
	}
	return nil
}

// hookAlone finds a function in place of a list.
func (c *checker) hookAlone(a applied) {
	for _, arg := range a.Args {
		v := arg.Value
		if arg.Name != "on_success" && arg.Name != "on_error" || v.Kind != flow.Name {
			continue
		}
		if _, known := c.flow.Function(v.Text, a.Span.Start); known {
			c.at(invalidExitHook, a, v.Span, fmt.Sprintf("`%s` of `@exit_hook` is a function; put it into a list.", arg.Name), replace(v.Span, "["+v.Text+"]", "Make it a list"))
		}
	}
}

// hooksByLetter finds a string in place of a list: each of its letters becomes a hook.
func (c *checker) hooksByLetter(a applied) {
	for _, arg := range a.Args {
		if v := arg.Value; (arg.Name == "on_success" || arg.Name == "on_error") && v.Kind == flow.String && len(v.Text) > 1 {
			c.at(hookIsString, a, v.Span, fmt.Sprintf("`%s` of `@exit_hook` is a string, so each of its letters is looked up as a function; put it into a list.", arg.Name), listFix(c, v)...)
		}
	}
}
