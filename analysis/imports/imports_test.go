package imports_test

import (
	"testing"

	"flowls/analysis/imports"
)

// One more name of Metaflow's is written as the file writes the others.
func TestWrite(t *testing.T) {
	for source, want := range map[string]struct{ written, after string }{
		"from metaflow import FlowSpec\n":                          {"step", "from metaflow import FlowSpec, step\n"},
		"from metaflow import FlowSpec;\nx = 1\n":                  {"step", "from metaflow import FlowSpec, step;\nx = 1\n"},
		"from metaflow import FlowSpec; from metaflow import S3\n": {"step", "from metaflow import FlowSpec, step; from metaflow import S3\n"},
		"from metaflow import FlowSpec  # a; b\n":                  {"step", "from metaflow import FlowSpec, step  # a; b\n"},
		"from metaflow import step as s, FlowSpec\n":               {"s", ""},
		"from metaflow import *\n":                                 {"step", ""},
		"from metaflow import (FlowSpec, S3)\n":                    {"step", "from metaflow import (FlowSpec, S3, step)\n"},
		"from metaflow import (\n    FlowSpec,\n    S3,  # s\n)\n": {"step", "from metaflow import (\n    FlowSpec,\n    S3,\n    step,  # s\n)\n"},
		"from metaflow import FlowSpec, \\\n    S3\n":              {"step", "from metaflow import FlowSpec, \\\n    S3, step\n"},
		"import metaflow\n":                                        {"metaflow.step", ""},
		"import metaflow as mf  # m\r\n":                           {"mf.step", ""},
		"\"\"\"Doc.\"\"\"\n\nimport os\n":                          {"step", "\"\"\"Doc.\"\"\"\n\nfrom metaflow import step\nimport os\n"},
	} {
		im := imports.Of([]byte(source))
		written, edits := im.Write("step")
		after := ""
		if len(edits) > 0 {
			after = source[:edits[0].Span.Start] + edits[0].New + source[edits[0].Span.End:]
		}
		if written != want.written || after != want.after {
			t.Errorf("%q: %q, after which it is %q, want %q", source, written, after, want.after)
		}
		if name, ok := im.Canonical(written); ok != (after == "") || name != "step" && written != "step" {
			t.Errorf("%q: %q is %q, %v", source, written, name, ok)
		}
	}
}
