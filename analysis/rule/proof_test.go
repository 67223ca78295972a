package rule

import (
	"reflect"
	"testing"
)

func TestProof(t *testing.T) {
	for section, want := range map[string]*Proof{
		"stage: check\nsays: no *end* here":                           {Stage: AtCheck, Args: []string{"check"}, Good: []string{"run"}, Says: []string{"no end here"}},
		"stage: run\nsays: a: b\n\nsays: c":                           {Stage: AtRun, Args: []string{"run"}, Good: []string{"run"}, Says: []string{"a: b", "c"}},
		"stage: silent\nargs: run --n 3\nsays: x":                     {Stage: Silent, Args: []string{"run", "--n", "3"}, Good: []string{"run"}, Says: []string{"x"}},
		"stage: deploy\nargs: airflow create f\ngood: check\nsays: x": {Stage: AtDeploy, Args: []string{"airflow", "create", "f"}, Good: []string{"check"}, Says: []string{"x"}},
		"stage: static\nreason: a matter of taste":                    {Stage: Static, Reason: "a matter of taste", Good: []string{"run"}},
		"":                                    nil,
		"says: x":                             nil,
		"stage: later\nsays: x":               nil,
		"stage: check":                        nil,
		"stage: check\nsays:":                 nil,
		"stage check\nsays: x":                nil,
		"stage: check\nsays: x\ngood: check":  nil,
		"stage: run\nargs: check\nsays: x":    nil,
		"stage: deploy\nsays: x":              nil,
		"stage: static":                       nil,
		"stage: static\nreason: r\nsays: x":   nil,
		"stage: run\nsays: x\nhashes: pinned": nil,
		"stage: check\nsays: x\nproof: y":     nil,
	} {
		got, err := parseProof(section)
		if want == nil && err == nil {
			t.Errorf("%q is no proof; got %+v", section, got)
		}
		if want != nil && (err != nil || !reflect.DeepEqual(got, want)) {
			t.Errorf("%q: got %+v, %v; want %+v", section, got, err, want)
		}
	}
}
