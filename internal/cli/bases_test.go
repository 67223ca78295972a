package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowls/internal/cli/beyond"
)

const elsewhereBase = `from metaflow import FlowSpec, Parameter, step


class BaseFlow(FlowSpec):
    rate = Parameter("rate", default=1)

    @step
    def start(self):
        self.next(self.fit)

    @step
    def end(self):
        pass
`

func elsewhereFlow(target string) string {
	return "from common.base import BaseFlow\nfrom metaflow import step\n\n\nclass Train(BaseFlow):\n    @step\n    def fit(self):\n        self.next(self." +
		target + ")\n\n\nif __name__ == \"__main__\":\n    Train()\n"
}

// runCLI runs a command line and gives what it printed.
func runCLI(t *testing.T, in string, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = Main("", args, Streams{In: strings.NewReader(in), Out: &o, Err: &e}, beyond.Beyond{})
	return o.String(), e.String(), code
}

// projectOf makes a folder of files, in which the test then is.
func projectOf(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

// A base class in another file is found beside the flow, from the current
// folder, and from the top of the project; its steps are told with their file.
func TestCheckFindsBases(t *testing.T) {
	projectOf(t, map[string]string{
		"pyproject.toml":         "",
		"src/common/base.py":     elsewhereBase,
		"src/common/__init__.py": "",
		"flows/good.py":          elsewhereFlow("end"),
		"flows/bad.py":           elsewhereFlow("publish"),
		"flows/common.txt":       "not a module\n",
	})
	for _, from := range []string{".", "flows"} {
		if err := os.Chdir(from); err != nil {
			t.Fatal(err)
		}
		here, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int{"good.py": exitOK, "bad.py": exitErrorsFound} {
			at := name
			if filepath.Base(here) != "flows" {
				at = filepath.Join("flows", name)
			}
			out, errs, code := runCLI(t, "", "check", "--format", "json", at)
			if code != want || errs != "" {
				t.Errorf("%s from %s: exit %d, %s%s", name, from, code, out, errs)
			}
			var doc struct{ Files []fileReport }
			if err := json.Unmarshal([]byte(out), &doc); err != nil || len(doc.Files) != 1 || len(doc.Files[0].Flows) != 1 {
				t.Fatalf("%v\n%s", err, out)
			}
			steps := map[string]stepReport{}
			for _, s := range doc.Files[0].Flows[0].Steps {
				steps[s.Name] = s
			}
			if base := steps["start"]; len(steps) != 3 || base.Line != 8 || !strings.HasSuffix(base.Path, filepath.Join("src", "common", "base.py")) || steps["fit"].Path != "" {
				t.Errorf("%s: %+v", name, steps)
			}
		}
	}
}

// What is wrong with an inherited step is told at the class, with the place.
func TestFindingsInBasesHaveAPlace(t *testing.T) {
	flow := elsewhereFlow("end")
	projectOf(t, map[string]string{
		"common/base.py": strings.Replace(elsewhereBase, "self.fit", "self.load", 1),
		"flow.py":        flow,
	})
	for format, want := range map[string][]string{
		"text":   {"flow.py:5:7: error MF107", "(common/base.py:9: here, in `start`, which `Train` inherits from `BaseFlow`)"},
		"github": {"::error file=flow.py,line=5", "(common/base.py:9: here"},
		"json":   {`"metaflow_line":9`, `"metaflow_file":"common/base.py"`, `"elsewhere":[{"path":"common/base.py","line":9`},
		"sarif":  {`"relatedLocations":[{"physicalLocation":{"artifactLocation":{"uri":"common/base.py"},"region":{"startLine":9}}`},
	} {
		out, errs, code := runCLI(t, "", "check", "--format", format, "flow.py")
		if code != exitErrorsFound || strings.Contains(errs, "flowls:") {
			t.Errorf("%s: exit %d, %s", format, code, errs)
		}
		for _, part := range want {
			if !strings.Contains(strings.ReplaceAll(out, `": `, `":`), part) {
				t.Errorf("%s lacks %s:\n%s", format, part, out)
			}
		}
	}
}

// The graph has the inherited steps.
func TestGraphWithBases(t *testing.T) {
	projectOf(t, map[string]string{"common/base.py": elsewhereBase, "flow.py": elsewhereFlow("end")})
	out, errs, code := runCLI(t, "", "graph", "flow.py", "--format", "json")
	if code != exitOK || errs != "" || !strings.Contains(out, `"file": "`) || !strings.Contains(out, `"line": 8`) {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if out, _, _ := runCLI(t, "", "graph", "flow.py"); !strings.Contains(out, "start") || !strings.Contains(out, "end") {
		t.Error(out)
	}
}

// Many flows on one base: the same answer in the same order, run after run.
func TestBasesInParallel(t *testing.T) {
	files := map[string]string{"common/base.py": elsewhereBase}
	for i := range 200 {
		target := "end"
		if i%3 == 0 {
			target = "ende"
		}
		files[fmt.Sprintf("flow%03d.py", i)] = elsewhereFlow(target)
	}
	projectOf(t, files)
	first, _, code := runCLI(t, "", "check", "--format", "json")
	if code != exitErrorsFound || strings.Count(first, `"MF107"`) != 67 {
		t.Fatalf("exit %d, %d findings", code, strings.Count(first, `"MF107"`))
	}
	for range 3 {
		if again, _, _ := runCLI(t, "", "check", "--format", "json"); again != first {
			t.Fatal("another answer")
		}
	}
}
