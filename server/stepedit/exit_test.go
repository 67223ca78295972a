package stepedit_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/server/stepedit"
)

// What is offered for a step whose process just ends is what Metaflow takes, and
// changes what was there in no other way.
func TestExitFixes(t *testing.T) {
	const (
		retry = "@retry(times=2)"
		catch = `@catch(var="work_failed")`
	)
	for name, c := range map[string]struct {
		from, to string // in exitSource
		want     []string
		step     string // "work" unless named
	}{
		"a step":                 {"", "", []string{retry, catch}, ""},
		"a join":                 {"def work(self):", "def work(self, inputs):", []string{retry, catch}, ""},
		"a branching":            {"self.next(self.last)", "self.next(self.last, self.other)", []string{retry, catch}, ""},
		"retried already":        {"    @step\n    def work", "    @retry\n    @step\n    def work", []string{catch}, ""},
		"caught already":         {"    @step\n    def work", "    @step\n    @catch\n    def work", []string{retry}, ""},
		"a foreach":              {"self.next(self.last)", `self.next(self.last, foreach="made")`, []string{retry}, ""},
		"a switch":               {"self.next(self.last)", `self.next({"a": self.last, "b": self.other}, condition="made")`, []string{retry}, ""},
		"parallel":               {"    @step\n    def work", "    @parallel\n    @step\n    def work", []string{retry}, ""},
		"leads nowhere known":    {"self.next(self.last)", "self.next(*where)", []string{retry}, ""},
		"another's decorator":    {"    @step\n    def work", "    @traced\n    @step\n    def work", []string{retry}, ""},
		"the end":                {"", "", []string{retry}, "end"},
		"an artifact":            {"self.made", "self.work_failed", []string{retry, `@catch(var="work_failed_2")`}, ""},
		"a parameter":            {"    limit", "    work_failed", []string{retry, `@catch(var="work_failed_2")`}, ""},
		"a step of that name":    {"other", "work_failed", []string{retry, `@catch(var="work_failed_2")`}, ""},
		"a private step":         {"work", "_1work", []string{retry, catch}, "_1work"},
		"a name without letters": {"work", "__", []string{retry, `@catch(var="step_failed")`}, "__"},
	} {
		t.Run(name, func(t *testing.T) {
			source := exitSource
			if c.from != "" {
				source = strings.ReplaceAll(source, c.from, c.to)
			}
			called := cmp.Or(c.step, "work")
			fixes := exitFixes(source, called)
			if len(fixes) != len(c.want) {
				t.Fatalf("%d fixes: %+v", len(fixes), fixes)
			}
			before := mistakes(source)
			for i, fix := range fixes {
				if fix.Preferred || !strings.HasSuffix(fix.Title, ": add "+c.want[i]) {
					t.Errorf("preferred: %v, %q", fix.Preferred, fix.Title)
				}
				got := edited(source, fix)
				now := stepNamed(analysis.New([]byte(got)), called)
				if first := now.Decorators[0]; got[first.Span.Start:first.Span.End] != c.want[i] || !first.FromMetaflow {
					t.Errorf("after %q:\n%s", fix.Title, got)
				}
				if after := mistakes(got); after != before {
					t.Errorf("after %q it has %s, before %s:\n%s", fix.Title, after, before, got)
				}
			}
		})
	}
}

// What the step sets is missing behind it once it may fail: the reader of it says so.
func TestCaughtStepLeavesHoles(t *testing.T) {
	source := strings.NewReplacer("pass\n        self.next", "print(self.made)\n        self.next", `self.made = "a"`, "self.made = os.listdir()", "os._exit(3)", "self.made or os._exit(3)").Replace(exitSource)
	fixes := exitFixes(source, "work")
	if got := mistakes(edited(source, fixes[0])); got != mistakes(source) {
		t.Errorf("@retry: %s", got)
	}
	if got := mistakes(edited(source, fixes[1])); !strings.Contains(got, "`work` may fail before it sets it, and @catch lets the flow go on") {
		t.Errorf("@catch: %q", got)
	}
}

func exitFixes(source, step string) []rule.Fix {
	d := analysis.New([]byte(source))
	return stepedit.Exit(d.Text, d.File.Flows[0], stepNamed(d, step), d.Graphs[0].Nodes[step], func() *artifact.Facts { return d.Artifacts(0) })
}

func stepNamed(d *analysis.Document, name string) *flow.Step {
	steps := d.File.Flows[0].Steps
	return steps[slices.IndexFunc(steps, func(s *flow.Step) bool { return s.Name == name })]
}

func edited(source string, fix rule.Fix) string {
	for _, e := range fix.Edits {
		source = source[:e.Span.Start] + e.New + source[e.Span.End:]
	}
	return source
}

// mistakes are the messages of what is more than advice.
func mistakes(source string) string {
	var all []string
	for _, d := range analysis.New([]byte(source)).Diagnostics {
		if d.Rule.Severity >= rule.Warning {
			all = append(all, d.Message)
		}
	}
	return strings.Join(all, "\n")
}

const exitSource = `import os

from metaflow import FlowSpec, Parameter, catch, parallel, retry, step
from tools import traced, where


class F(FlowSpec):
    limit = Parameter("limit", default=1)

    @step
    def start(self):
        self.next(self.work)

    @step
    def work(self):
        self.made = "a"
        os._exit(3)
        self.next(self.last)

    @step
    def last(self):
        pass
        self.next(self.other)

    @step
    def other(self):
        self.next(self.end)

    @step
    def end(self):
        pass
`
