package catalog

import (
	"slices"
	"strings"
	"testing"
)

func TestDefaultHoldsWhatMetaflowOffers(t *testing.T) {
	c := Default()
	if c.Metaflow == "" {
		t.Error("no Metaflow version")
	}
	for _, name := range []string{"batch", "card", "catch", "conda", "environment", "kubernetes", "parallel", "pypi",
		"pytorch_parallel", "resources", "retry", "secrets", "timeout"} {
		d, ok := c.Step(name)
		if !ok {
			t.Errorf("step decorator %s is missing", name)
			continue
		}
		if d.Summary == "" || d.Level != StepLevel {
			t.Errorf("%s: summary %q, level %q", name, d.Summary, d.Level)
		}
	}
	for _, name := range []string{"project", "schedule", "trigger", "trigger_on_finish", "conda_base", "pypi_base", "exit_hook"} {
		d, ok := c.Flow(name)
		if !ok {
			t.Errorf("flow decorator %s is missing", name)
			continue
		}
		if d.Summary == "" || d.Level != FlowLevel {
			t.Errorf("%s: summary %q, level %q", name, d.Summary, d.Level)
		}
	}
	for _, d := range append(c.StepDecorators(), c.FlowDecorators()...) {
		if strings.HasSuffix(d.Name, "_internal") {
			t.Errorf("%s is plumbing and must be hidden", d.Name)
		}
	}
}

func TestArguments(t *testing.T) {
	retry, _ := Default().Step("retry")
	times, ok := retry.Arg("times")
	if !ok || times.Type != "int" || times.Default != "3" || times.Help == "" {
		t.Errorf("retry.times = %+v", times)
	}
	if _, ok := retry.Arg("nope"); ok {
		t.Error("retry has no argument nope")
	}
	if got, want := retry.Signature(), "@retry(times=3, minutes_between_retries=2)"; got != want {
		t.Errorf("Signature() = %s, want %s", got, want)
	}
	parallel, _ := Default().Step("parallel")
	if got := parallel.Signature(); got != "@parallel" {
		t.Errorf("Signature() = %s", got)
	}
	k, _ := Default().Step("kubernetes")
	if ns, _ := k.Arg("namespace"); ns == nil || ns.Effective != "METAFLOW_KUBERNETES_NAMESPACE" {
		t.Errorf("kubernetes.namespace = %+v", ns)
	}
	if _, ok := Default().Construct("Config"); !ok {
		t.Fatal("no Config")
	}
	if _, ok := Default().Construct("Nothing"); ok {
		t.Error("Construct(Nothing) found something")
	}
	for _, x := range Default().Constructs {
		for _, a := range x.Args {
			if a.Help == "" || a.Type == "" {
				t.Errorf("%s(%s): type %q, help %q", x.Name, a.Name, a.Type, a.Help)
			}
		}
	}
}

func TestMarkdown(t *testing.T) {
	card, _ := Default().Step("card")
	for _, want := range []string{"Metaflow Card", "- `type` (`str`) = `'default'`: Card type.", "`current.card`", "several times on one step"} {
		if md := card.Markdown(); !strings.Contains(md, want) {
			t.Errorf("card: %q is missing in\n%s", want, md)
		}
	}
	project, _ := Default().Flow("project")
	if md := project.Markdown(); !strings.Contains(md, "`--production`") {
		t.Errorf("project: no option in\n%s", md)
	}
	mpi, _ := Default().Step("mpi")
	if md := mpi.Markdown(); !strings.Contains(md, "extension `metaflow-mpi`") {
		t.Errorf("mpi: no extension in\n%s", md)
	}
}

func TestParallelDecorators(t *testing.T) {
	for name, want := range map[string]bool{"parallel": true, "pytorch_parallel": true, "torchrun": true, "deepspeed": true,
		"metaflow_ray": true, "mpi": true, "retry": false, "card": false, "unknown": false} {
		if got := IsParallel(name); got != want {
			t.Errorf("IsParallel(%s) = %v", name, got)
		}
	}
	for _, d := range append(Default().StepDecorators(), Default().ExtensionSteps...) {
		name := d.Name
		if IsParallel(name) != d.Parallel {
			t.Errorf("IsParallel(%s) = %v, the catalogue says %v", name, IsParallel(name), d.Parallel)
		}
	}
	for _, d := range Default().StepDecorators() {
		if d.Extension != "" {
			t.Errorf("%s of %s must be listed apart", d.Name, d.Extension)
		}
	}
}

func TestCurrent(t *testing.T) {
	from := map[string][]string{}
	for _, a := range Default().Current {
		if _, twice := from[a.Name]; twice {
			t.Errorf("current.%s is listed twice", a.Name)
		}
		if a.Summary == "" || a.Kind == "" {
			t.Errorf("current.%s: %+v", a.Name, a)
		}
		from[a.Name] = a.From
	}
	for name, want := range map[string][]string{"run_id": nil, "graph": nil, "card": {"card"}, "project_name": {"project"},
		"parallel": {"parallel", "pytorch_parallel"}, "trigger": {"trigger", "trigger_on_finish"}} {
		if got, ok := from[name]; !ok || !slices.Equal(got, want) {
			t.Errorf("current.%s: present %v, from %v, want %v", name, ok, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	c := Default()
	for _, want := range []string{"FlowSpec", "step", "current", "Parameter", "retry", "project", "cards", "Runner"} {
		if !slices.ContainsFunc(c.Exports, func(e Export) bool { return e.Name == want }) {
			t.Errorf("%s is not importable", want)
		}
	}
	if !slices.Equal(c.ReservedSteps, []string{"cmd", "index", "input", "name", "next"}) {
		t.Errorf("reserved steps: %v", c.ReservedSteps)
	}
	for _, want := range []string{"run-id", "run_id", "with", "namespace"} {
		if !slices.Contains(c.ReservedParameters, want) {
			t.Errorf("parameter name %s is not reserved", want)
		}
	}
	for _, want := range []string{"next", "merge_artifacts", "input", "index", "foreach_stack"} {
		if !slices.ContainsFunc(c.FlowMembers, func(a Attribute) bool { return a.Name == want }) {
			t.Errorf("FlowSpec.%s is missing", want)
		}
	}
	if !slices.Contains(c.Cards, "Markdown") || len(c.LintChecks) < 20 {
		t.Errorf("cards %v, checks %v", c.Cards, c.LintChecks)
	}
}
