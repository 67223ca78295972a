package kubestep_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/runner/preflight"
	"flowls/server/kubestep"
	"flowls/server/kubestep/steptest"
)

func none(string) (any, bool) { return nil, false }

// What is no literal is unknown, and nothing else is.
func TestUnknown(t *testing.T) {
	for decorators, want := range map[string]string{
		`@kubernetes(memory=SIZE)`:                                      "memory",
		`@kubernetes(memory=config_expr("c.memory"), cpu=2)`:            "memory",
		`@kubernetes(cpu=2 * 2, gpu=len(x))`:                            "cpu gpu",
		`@kubernetes(secrets=["a", NAME])`:                              "secrets",
		`@kubernetes(node_selector={"pool": POOL})`:                     "node_selector",
		`@kubernetes(node_selector=f"pool={x}")`:                        "node_selector",
		`@kubernetes(tolerations=[*common])`:                            "tolerations",
		`@kubernetes(labels={**common})`:                                "labels",
		`@kubernetes(namespace=NS, service_account="a")`:                "namespace",
		`@kubernetes(extended_resources=DEVICES)`:                       "cpu disk extended_resources memory",
		`@kubernetes(qos=QOS)`:                                          "qos",
		"@kubernetes(memory=1)\n@resources(memory=SIZE)":                "memory",
		"@kubernetes\n@resources(gpu=N)":                                "gpu",
		"@kubernetes(use_tmpfs=ON)":                                     "tmpfs_size",
		"@kubernetes(cpu=2)":                                            "",
		"@kubernetes(image=IMAGE, security_context={'run_as_user': 1})": "image",
	} {
		step := steptest.Train(steptest.Source(decorators), nil, none)
		if step == nil {
			t.Fatalf("%s: nothing is said", decorators)
		}
		var unknown []string
		for name := range step.Request.Unknown {
			unknown = append(unknown, name)
		}
		slices.Sort(unknown)
		if got := strings.Join(unknown, " "); got != want {
			t.Errorf("%s: unknown %q, want %q", decorators, got, want)
		}
	}
	open := steptest.Train(steptest.Source(`@kubernetes(cpu=2, **more)`), nil, none)
	if !open.Request.Unknown["memory"] || !open.Request.Unknown["node_selector"] || !open.Request.Unknown["namespace"] {
		t.Errorf("behind a **: %+v", open.Request)
	}
}

// Where another decorator may change what these say, nothing is said.
func TestSilent(t *testing.T) {
	for change, silent := range map[string]bool{
		"@ours\n@kubernetes(cpu=2)":                true,
		"@kubernetes(cpu=2)\n@retry(times=2)":      false,
		"@retry(times=2)":                          true, // it does not run on Kubernetes
		"@step\n@kubernetes(cpu=2)":                true, // a second @step
		"@functools.lru_cache\n@kubernetes(cpu=2)": true,
	} {
		source := "import functools\nfrom elsewhere import ours\n" + steptest.Source(change)
		if got := steptest.Train(source, nil, none) == nil; got != silent {
			t.Errorf("%s: silent %v, want %v", change, got, silent)
		}
	}
	mutated := strings.Replace("from elsewhere import ours\n"+steptest.Source("@kubernetes(cpu=2)"), "class TrainFlow", "@ours\nclass TrainFlow", 1)
	if steptest.Train(mutated, nil, none) != nil {
		t.Error("a mutator of the flow may change any step")
	}
	other := strings.Replace(steptest.Source("@kubernetes(cpu=2)"), "import FlowSpec, kubernetes,", "import FlowSpec,", 1) + "\n"
	if steptest.Train("from elsewhere import kubernetes\n"+other, nil, none) != nil {
		t.Error("a decorator that only has the name")
	}
}

func TestWith(t *testing.T) {
	for spec, want := range map[string]map[string]any{
		"":                                      {},
		"cpu=4,memory=8000":                     {"cpu": int64(4), "memory": int64(8000)},
		"cpu=0.5,image=ours:1":                  {"cpu": 0.5, "image": "ours:1"},
		`secrets=["a","b"],namespace=team`:      {"secrets": []any{"a", "b"}, "namespace": "team"},
		`node_selector={"a":"b","c":"d"},gpu=1`: {"node_selector": map[string]any{"a": "b", "c": "d"}, "gpu": int64(1)},
		`node_selector=a=b`:                     {"node_selector": "a=b"},
		`use_tmpfs=true`:                        {"use_tmpfs": true},
	} {
		if got := kubestep.ParseWith(spec); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, want %#v", spec, got, want)
		}
	}
	bare := steptest.Train(steptest.Source("@resources(cpu=3)"), []string{"retry:times=2", "kubernetes:memory=8000"}, none)
	if bare == nil || bare.Own || bare.Request.Requests["memory"] != preflight.Units(8e9) || bare.Request.Requests["cpu"] != 3000 {
		t.Errorf("%+v", bare)
	}
	own := steptest.Train(steptest.Source("@kubernetes(memory=100)"), []string{"kubernetes:memory=8000", "resources:cpu=7"}, none)
	if own == nil || !own.Own || own.Request.Requests["memory"] != preflight.Units(4096e6) || own.Request.Requests["cpu"] != 7000 {
		t.Errorf("a step keeps its own @kubernetes, and gets a @resources: %+v", own.Request)
	}
	for name, parallel := range map[string]bool{"parallel": true, "retry": false} {
		source := strings.Replace(steptest.Source("@kubernetes\n@"+name), "kubernetes,", "kubernetes, parallel,", 1)
		if step := steptest.Train(source, nil, none); step == nil || step.Request.Parallel != parallel {
			t.Errorf("%s: %+v", name, step)
		}
	}
}

func TestPlace(t *testing.T) {
	const decorators = `@kubernetes(cpu=2, memory=100, secrets=["a", "b"], node_selector={"pool": "x"}, namespace="n")
@resources(memory=128_000, disk=5000)`
	source := steptest.Source(decorators)
	step := steptest.Train(source, nil, none)
	at := func(f preflight.Finding) string {
		span, _ := step.Place(f)
		return source[span.Start:span.End]
	}
	for want, f := range map[string]preflight.Finding{
		"128_000":    {Argument: "memory"},
		"2":          {Argument: "cpu"},
		`"b"`:        {Argument: "secrets", Value: "b"},
		`["a", "b"]`: {Argument: "secrets", Value: "from the configuration"},
		`"x"`:        {Kind: preflight.NoNode, Argument: "node_selector", Value: "pool"},
		`"pool"`:     {Kind: preflight.Refused, Argument: "node_selector", Value: "pool"},
		`"n"`:        {Argument: "namespace", Value: "n"},
		"kubernetes": {Argument: "service_account", Value: "s"},
		"10240":      {Argument: "disk"},
	} {
		if want == "10240" { // @kubernetes asks for more, though it does not say so
			want = "kubernetes"
		}
		if got := at(f); got != want {
			t.Errorf("%+v stands at %q, not at %q", f, got, want)
		}
	}
	if to, argument := step.Add(preflight.Finding{Argument: "qos", Instead: "guaranteed"}); to == nil || to.Name != "kubernetes" || argument != `qos="guaranteed"` {
		t.Errorf("%v %s", to, argument)
	}
	if to, _ := step.Add(preflight.Finding{Argument: "cpu", Instead: "1"}); to != nil {
		t.Error("what is written is not added")
	}
	bare := steptest.Train(steptest.Source("@retry"), []string{"kubernetes"}, none)
	span, _ := bare.Place(preflight.Finding{Argument: "memory"})
	if got := steptest.Source("@retry")[span.Start:span.End]; got != "train" {
		t.Errorf("without a decorator it stands at %q", got)
	}
}

// Half-typed code is read as far as it goes, and never ends badly.
func TestHalfTyped(t *testing.T) {
	whole := steptest.Source(`@kubernetes(cpu=2, node_selector={"pool": "x"}, tolerations=[{"key": "a"}])`)
	for end := range len(whole) {
		d := analysis.New([]byte(whole[:end]))
		for _, f := range d.File.Flows {
			for _, s := range f.Steps {
				kubestep.Of(f, s, []string{"kubernetes"}, none)
			}
		}
		d.Close()
	}
}
