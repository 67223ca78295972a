package kubestep_test

import (
	"slices"
	"strings"
	"testing"

	"flowls/runner/preflight"
	"flowls/server/kubestep"
	"flowls/server/kubestep/steptest"
)

// changed is the decorators after some changes, "" if there are none.
func changed(decorators string, changes []kubestep.Change) string {
	if changes == nil {
		return ""
	}
	source := steptest.Source(decorators)
	slices.SortFunc(changes, func(a, b kubestep.Change) int { return at(b) - at(a) })
	for _, c := range changes {
		if c.To != nil {
			source = source[:c.To.NameSpan.End] + "+" + c.New + source[c.To.NameSpan.End:]
		} else {
			source = source[:c.Span.Start] + c.New + source[c.Span.End:]
		}
	}
	_, source, _ = strings.Cut(source, "self.next(self.train)\n\n    ")
	source, _, _ = strings.Cut(source, "\n    @step\n    def train")
	return strings.ReplaceAll(source, "\n    ", "\n")
}

func at(c kubestep.Change) int {
	if c.To != nil {
		return c.To.NameSpan.End
	}
	return c.Span.Start
}

func configured(name, value string) preflight.Configuration {
	return func(asked string) (any, bool) {
		if asked == name {
			return value, true
		}
		return nil, false
	}
}

func TestLower(t *testing.T) {
	cpu := map[string]string{"cpu": "6"}
	memory := map[string]string{"memory": "2500"}
	for _, c := range []struct {
		decorators string
		with       string
		config     preflight.Configuration
		instead    map[string]string
		want       string
	}{
		{"@kubernetes(cpu=900)", "", none, cpu, "@kubernetes(cpu=6)"},
		{`@kubernetes(cpu="900")`, "", none, cpu, `@kubernetes(cpu="6")`},
		{"@kubernetes(cpu=900.5)", "", none, map[string]string{"cpu": "1.5"}, "@kubernetes(cpu=1.5)"},
		{"@resources(cpu=900)", "kubernetes", none, cpu, "@resources(cpu=6)"},
		{"@kubernetes(cpu=800)\n@resources(cpu=900)", "", none, cpu, "@kubernetes(cpu=6)\n@resources(cpu=6)"},
		{"@kubernetes(cpu=2)\n@resources(cpu=900)", "", none, cpu, "@kubernetes(cpu=2)\n@resources(cpu=6)"},
		{"@kubernetes(cpu=900, memory=8000)", "", none, map[string]string{"cpu": "6", "memory": "2500"}, "@kubernetes(cpu=6, memory=2500)"},
		{"@kubernetes(gpu=4)", "", none, map[string]string{"gpu": "2"}, "@kubernetes(gpu=2)"},
		{"@kubernetes(gpu=1)\n@resources(gpu=4)", "", none, map[string]string{"gpu": "2"}, "@kubernetes(gpu=1)\n@resources(gpu=2)"},
		// 4096 MB are asked for without a word.
		{"@kubernetes(cpu=2)", "", none, memory, "@kubernetes+memory=2500(cpu=2)"},
		{"@kubernetes(cpu=2)\n@resources(memory=9000)", "", none, memory, "@kubernetes+memory=2500(cpu=2)\n@resources(memory=2500)"},
		{"@resources(memory=9000)", "kubernetes", none, memory, ""},
		{"@resources(memory=9000)", "kubernetes", configured("METAFLOW_KUBERNETES_MEMORY", "500"), memory, "@resources(memory=2500)"},
		{"@kubernetes", "", configured("METAFLOW_KUBERNETES_CPU", "64"), cpu, "@kubernetes+cpu=6"},
		// The command line has the word, or nobody knows.
		{"@retry", "kubernetes:cpu=900", none, cpu, ""},
		{"@kubernetes(cpu=N)", "", none, cpu, ""},
		{"@kubernetes(**more)", "", none, cpu, ""},
		{"@kubernetes(cpu=N)\n@resources(cpu=900)", "", none, cpu, ""},
	} {
		step := steptest.Train(steptest.Source(c.decorators), []string{c.with}, c.config)
		if got := changed(c.decorators, step.Lower(c.instead)); got != c.want {
			t.Errorf("%s, %v: %q, want %q", c.decorators, c.instead, got, c.want)
		}
	}
}

func TestTolerate(t *testing.T) {
	more := []preflight.Toleration{preflight.Taint{Key: "gpu", Value: "yes"}.Toleration(), preflight.Taint{Key: "spot"}.Toleration()}
	const added = `{"key": "gpu", "operator": "Equal", "value": "yes"}, {"key": "spot", "operator": "Exists"}`
	for _, c := range []struct {
		decorators string
		config     preflight.Configuration
		want       string
	}{
		{"@kubernetes", none, "@kubernetes+tolerations=[" + added + "]"},
		{"@kubernetes(cpu=2)", none, "@kubernetes+tolerations=[" + added + "](cpu=2)"},
		{`@kubernetes(tolerations=[{"key": "a"}])`, none, `@kubernetes(tolerations=[{"key": "a"}, ` + added + `])`},
		{`@kubernetes(tolerations=[{"key": "a"},])`, none, `@kubernetes(tolerations=[{"key": "a"}, ` + added + `,])`},
		{"@kubernetes(tolerations=[])", none, "@kubernetes(tolerations=[" + added + "])"},
		{"@kubernetes(tolerations=None)", none, "@kubernetes(tolerations=[" + added + "])"},
		{"@kubernetes", configured("METAFLOW_KUBERNETES_TOLERATIONS", `[{"key": "b", "toleration_seconds": 30}]`), `@kubernetes+tolerations=[{"key": "b", "toleration_seconds": 30}, ` + added + "]"},
		{"@kubernetes(tolerations=COMMON)", none, ""},
		{"@kubernetes(**more)", none, ""},
		{"@resources(cpu=2)", none, ""},
	} {
		step := steptest.Train(steptest.Source(c.decorators), []string{"kubernetes"}, c.config)
		if got := changed(c.decorators, step.Tolerate(more...)); got != c.want {
			t.Errorf("%s: %q, want %q", c.decorators, got, c.want)
		}
	}
}
