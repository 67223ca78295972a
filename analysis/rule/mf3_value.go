package rule

import (
	"fmt"
	"slices"

	"flowls/analysis/flow"
)

// problem is what is wrong with a value: a text that goes on behind "`times` of
// `@retry` ", and what to write in its place if that is clear.
type problem struct {
	text  string
	fixed string
}

// valueCheck judges the value of one argument.
type valueCheck struct {
	rule  *Rule
	judge func(v flow.Value, in context) *problem
}

// context is what a value's neighbours are.
type context struct {
	applied
	others []applied // all decorators of the step or flow, this one included
}

// beside is another decorator of the same step or flow.
func (x context) beside(name string) (applied, bool) {
	for _, o := range x.others {
		if o.is(name) {
			return o, true
		}
	}
	return applied{}, false
}

// valueChecks are those of all decorators, by decorator and argument.
var valueChecks = map[string]map[string]valueCheck{
	"retry": {
		"times": {invalidValue, retryTimes},
	},
	"timeout": {
		"seconds": {invalidValue, wholeNumber},
		"minutes": {invalidValue, wholeNumber},
		"hours":   {invalidValue, wholeNumber},
	},
	"catch": {
		"var": {valueFailsInRun, artifactName},
	},
	"environment": {
		"vars": {valueFailsInRun, environmentVariables},
	},
	"secrets": {
		"sources": {valueFailsInRun, secretSources},
	},
	"card": {
		"id":      {valueFailsInRun, stringOrNone},
		"type":    {valueFailsInRun, cardType},
		"timeout": {valueFailsInRun, cardTimeout},
	},
	"conda":      {"packages": {invalidValue, packageDict}, "libraries": {invalidValue, packageDict}},
	"conda_base": {"packages": {invalidValue, packageDict}, "libraries": {invalidValue, packageDict}},
	"pypi_base":  {"packages": {invalidValue, packageDict}},
	"pypi":       {"packages": {valueFailsInRun, packageDict}},
	"resources": {
		"cpu":           {invalidResources, resourceNumber},
		"gpu":           {invalidResources, resourceGPU},
		"memory":        {invalidResources, resourceNumber},
		"disk":          {invalidResources, resourceNumber},
		"shared_memory": {invalidResources, resourceNumber},
	},
	"kubernetes": kubernetesChecks,
	"batch":      batchChecks,
	"project": {
		"name":   {invalidProjectName, projectName},
		"branch": {invalidProjectName, projectName},
	},
	"exit_hook": {
		"on_success": {invalidExitHook, exitHooks},
		"on_error":   {invalidExitHook, exitHooks},
	},
	"airflow_external_task_sensor": {
		"allowed_states":  {invalidValue, airflowStates},
		"execution_delta": {invalidValue, airflowDelta},
	},
	"schedule": {
		"cron":     {invalidCron, cronExpression},
		"timezone": {unknownTimezone, timezone},
	},
}

// argumentChecks judges the values of a decorator.
func (c *checker) argumentChecks(a applied, others []applied) {
	if a.builtin == nil {
		return
	}
	checks := valueChecks[a.builtin.Name]
	for _, arg := range a.Args {
		check, ok := checks[arg.Name]
		if !ok || arg.Value.Kind == flow.BadExpression {
			continue
		}
		if (a.is("retry") || a.is("timeout")) && c.givenParameter(a, arg.Value) {
			c.at(check.rule, a, arg.ValueSpan, fmt.Sprintf("`%s` of `@%s` is the parameter `%s`, which has no value before the run; use a number, or a `Config`.", arg.Name, a.builtin.Name, arg.Value.Text))
			continue
		}
		found := check.judge(arg.Value, context{a, others})
		if found == nil {
			continue
		}
		var fixes []Fix
		if found.fixed != "" {
			fixes = append(fixes, replace(arg.ValueSpan, found.fixed, "Change to "+found.fixed))
		}
		c.at(check.rule, a, arg.ValueSpan, fmt.Sprintf("`%s` of `@%s` %s", arg.Name, a.builtin.Name, found.text), fixes...)
	}
}

// givenParameter: a decorator is given a parameter that stands above it in the class.
func (c *checker) givenParameter(a applied, v flow.Value) bool {
	bound := c.flow.Attributes[v.Text]
	return v.Kind == flow.Name && len(bound) == 1 && !bound[0].Conditional && slices.ContainsFunc(c.flow.Parameters, func(p *flow.Parameter) bool {
		return p.Attr == v.Text && p.Kind == "Parameter" && c.flow.Owns(p.Span) && c.flow.Owns(a.Span) && p.Span.End <= a.Span.Start
	})
}

func say(format string, args ...any) *problem { return &problem{text: fmt.Sprintf(format, args...)} }

// maxRetries is what MAX_ATTEMPTS leaves: the first attempt and the one of
// @catch count too.
const maxRetries = 4

func retryTimes(v flow.Value, _ context) *problem {
	switch n := asInt(v); {
	case n.bad:
		return &problem{text: wrongKind(v, "a whole number")}
	case n.known && n.value > maxRetries:
		return &problem{fmt.Sprintf("is %s; Metaflow retries at most %d times.", shown(v), maxRetries), fmt.Sprint(maxRetries)}
	}
	return nil
}

func wholeNumber(v flow.Value, _ context) *problem {
	if asInt(v).bad {
		return &problem{text: wrongKind(v, "a whole number")}
	}
	return nil
}

func stringOrNone(v flow.Value, _ context) *problem {
	if kind := kindOf(v); kind != "" && kind != "str" && kind != "None" {
		return &problem{text: wrongKind(v, "a string")}
	}
	return nil
}

// mapping reports what cannot be unpacked with **.
func mapping(v flow.Value, of string) *problem {
	if kind := kindOf(v); kind != "" && kind != "dict" {
		return &problem{text: wrongKind(v, "a dictionary"+of)}
	}
	return nil
}

func packageDict(v flow.Value, _ context) *problem {
	return mapping(v, " of names and versions, such as `{\"pandas\": \"2.2.2\"}`")
}

// resourceNumber: every compute layer makes a number of it.
func resourceNumber(v flow.Value, _ context) *problem {
	if v.Kind == flow.None || v.Kind == flow.Bytes || !asFloat(v).bad {
		return nil
	}
	if v.Kind == flow.String {
		return say("is %s, which is no number; give megabytes or a count without a unit.", shown(v))
	}
	return &problem{text: wrongKind(v, "a number")}
}

func resourceGPU(v flow.Value, _ context) *problem { return gpuCount(v, context{}) }

var airflowStateNames = []string{"queued", "running", "success", "shutdown", "failed", "up_for_retry", "up_for_reschedule", "upstream_failed", "skipped"}

func airflowStates(v flow.Value, _ context) *problem {
	states := []flow.Value{v}
	if v.Kind == flow.List {
		states = v.Items
	}
	for _, s := range states {
		if s.Kind == flow.String && !contains(airflowStateNames, s.Text) {
			if near := nearest(s.Text, airflowStateNames); near != "" && v.Kind == flow.String {
				return &problem{fmt.Sprintf("is %s, which is no state of Airflow; use `%s`.", shown(s), near), `"` + near + `"`}
			}
			return say("holds %s, which is no state of Airflow; use %s.", shown(s), quote(airflowStateNames))
		}
		if v.Kind == flow.List && s.Kind != flow.String && s.Constant() {
			return say("holds %s, which is no state of Airflow; use %s.", shown(s), quote(airflowStateNames))
		}
	}
	return nil
}

func airflowDelta(v flow.Value, _ context) *problem {
	if kind := kindOf(v); kind != "" && kind != "None" {
		return &problem{text: wrongKind(v, "a `datetime.timedelta`")}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
