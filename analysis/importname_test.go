package analysis_test

import (
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/rule"
)

const importBody = `    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
`

// Where a name may come from somewhere after all, nothing is said of its import.
func TestNamesThatComeFromSomewhere(t *testing.T) {
	for _, head := range []string{
		"def pre():\n    global step, FlowSpec\n    from metaflow import FlowSpec, step\npre()\nclass F(FlowSpec):\n",
		"import metaflow\nglobals().update(vars(metaflow))\nclass F(FlowSpec):\n",
		"exec('from metaflow import *')\nclass F(FlowSpec):\n",
		"with ctx.base() as (FlowSpec, x):\n    pass\nclass F(FlowSpec):\n",
		"type FlowSpec = int\nclass F(FlowSpec):\n",
		"import __main__\nimport pre\nclass F(FlowSpec):\n",
		"from metaflow import step\nfrom metaflow.my_ext import FlowSpec2\nclass F(FlowSpec2):\n",
		"from metaflow import FlowSpec, step, FlowSpecs, Parameters, Configs, currents, stop, MyFlowSpec\nclass F(FlowSpec):\n",
	} {
		d := analysis.New([]byte(head + importBody))
		for _, f := range d.Diagnostics {
			if code := f.Rule.Code; code == "MF302" || code == "MF323" || code == "MF102" {
				t.Errorf("%s\n%s %s", head, code, f.Message)
			}
		}
		d.Close()
	}
	guarded := "import metaflow as mf\nfrom metaflow import step\nif hasattr(mf, 'FlowSpc'):\n    class F(mf.FlowSpc):" + strings.ReplaceAll("\n"+importBody, "\n    ", "\n        ")
	d := analysis.New([]byte(guarded))
	defer d.Close()
	if len(d.Diagnostics) > 0 {
		t.Errorf("%s\n%+v", guarded, d.Diagnostics)
	}
}

// A misspelt name is changed with the one place that uses it, and only where that can be
// nothing else.
func TestFixOfAMisspeltImport(t *testing.T) {
	for uses, fixed := range map[string]string{
		"import Paramater, FlowSpec, step\nclass F(FlowSpec):\n    p = Paramater('p')\n":          "import Parameter, FlowSpec, step\nclass F(FlowSpec):\n    p = Parameter('p')\n",
		"import Flowspec, step\nclass F(Flowspec):\n":                                             "import FlowSpec, step\nclass F(FlowSpec):\n",
		"import curent as c, FlowSpec, step\nprint(c.run_id)\nclass F(FlowSpec):\n":               "import current as c, FlowSpec, step\nprint(c.run_id)\nclass F(FlowSpec):\n",
		"import curent, FlowSpec, step\nprint(curent.run_id)\nclass F(FlowSpec):\n":               "import current, FlowSpec, step\nprint(current.run_id)\nclass F(FlowSpec):\n",
		"import Confg as C, FlowSpec, step\nfrom settings import Confg\nclass F(FlowSpec):\n":     "",
		"import Paramater as P, FlowSpec, step\nq.Paramater(1)\nclass F(FlowSpec):\n":             "",
		"import Confg, FlowSpec, step\nprint(dict(Confg=1))\nclass F(FlowSpec):\n":                "",
		"import Confg, FlowSpec, step\ndef f(Confg): pass\nclass F(FlowSpec):\n":                  "",
		"import Confg, FlowSpec, step\nConfg = 3\nclass F(FlowSpec):\n":                           "",
		"import curent, FlowSpec, step\nopen('data/curent.csv')\nclass F(FlowSpec):\n":            "",
		"import curent, FlowSpec, step\ncurrent = {}\nprint(curent.run_id)\nclass F(FlowSpec):\n": "",
		"import curent, FlowSpec, step\n# see curent.run_id\nclass F(FlowSpec):\n":                "",
	} {
		d := analysis.New([]byte("from metaflow " + uses + importBody))
		at := slices.IndexFunc(d.Diagnostics, func(f rule.Diagnostic) bool { return f.Rule.Code == "MF323" })
		if at < 0 {
			t.Errorf("%s: nothing is found", uses)
			d.Close()
			continue
		}
		got := ""
		if fixes := d.Diagnostics[at].Fixes; len(fixes) > 0 {
			after := d.Edit(sequential(fixes[0].Edits))
			got = strings.TrimSuffix(strings.TrimPrefix(string(after.Text.Bytes()), "from metaflow "), importBody)
			after.Close()
		}
		if got != fixed {
			t.Errorf("%s becomes\n%s, want\n%s", uses, got, fixed)
		}
		d.Close()
	}
}

// What a fix puts into the head of a step must be read by Python.
func TestFixOfAHead(t *testing.T) {
	for _, arguments := range []string{"self=None", "self, /", "*self", "*, self", "inputs, /", "inputs=None"} {
		d := analysis.New([]byte(strings.Replace(meeting, "ARGUMENTS", arguments, 1)))
		tryFixes(t, d)
		d.Close()
	}
	for _, call := range []string{"inputs, exlude=['a'], exclude=['b']", "inputs, ['x'], exlude=['a']"} {
		d := analysis.New([]byte(strings.NewReplacer("ARGUMENTS", "self, inputs", "merge_artifacts(inputs)", "merge_artifacts("+call+")").Replace(meeting)))
		for _, f := range d.Diagnostics {
			if f.Rule.Code == "MF220" && (len(f.Fixes) > 0 || strings.Contains(f.Message, "; use")) {
				t.Errorf("%s: %s", call, f.Message)
			}
		}
		d.Close()
	}
}
