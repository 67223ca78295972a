package difftest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/rule"
	"flowls/internal/venv"
)

// question is a flow and the circumstances of its start (see testdata/decorators.py).
type question struct {
	label       string
	Source      string `json:"source"`
	Environment string `json:"environment"`
	Datastore   string `json:"datastore"`
}

type answer struct {
	Stage string `json:"stage"`
	Error string `json:"error"`
}

// TestDecorators applies decorators in hundreds of ways, for real: what Metaflow
// accepts gets no error, what it refuses gets one, at the same stage.
func TestDecorators(t *testing.T) {
	questions := decoratorQuestions()
	answers := askDecorators(t, questions)
	refused, missed := 0, 0
	for i, q := range questions {
		found := decoratorErrors(q.Source)
		real := answers[i]
		if real.Error != "" {
			refused++
		}
		switch {
		case real.Error == "" && len(found) > 0:
			t.Errorf("false alarm: Metaflow accepts %s; ours: %s", q.label, list(found))
		case real.Error != "" && len(found) == 0 && computed.MatchString(q.label):
			missed++
		case real.Error != "" && len(found) == 0 && !warned(q.Source):
			t.Errorf("missed: %s: %s", q.label, real.Error)
		case len(found) > 0 && real.Stage != stageOf(found):
			t.Errorf("%s: Metaflow refuses it at %s (%s); ours: %s", q.label, real.Stage, real.Error, list(found))
		}
	}
	if len(questions) < 500 || refused < 200 || len(questions)-refused < 200 {
		t.Errorf("%d applications, of which Metaflow refuses %d: too few to tell anything", len(questions), refused)
	}
	t.Logf("%d applications, Metaflow refuses %d; %d missed", len(questions), refused, missed)
}

// computed are applications with a value that is no literal, which nobody
// knows before it is computed, or a dict where a path belongs.
var computed = regexp.MustCompile(`VALUE|hook|'a' \*|tmpfs_path=\{`)

// warned: MF316 is a warning, since it takes a remote run to show.
func warned(src string) bool {
	doc := analysis.New([]byte(src))
	defer doc.Close()
	return slices.ContainsFunc(doc.Diagnostics, func(d rule.Diagnostic) bool { return d.Rule.Code == "MF316" })
}

// decoratorErrors are the errors that Metaflow shows before its linter.
func decoratorErrors(src string) []rule.Diagnostic {
	doc := analysis.New([]byte(src))
	defer doc.Close()
	var out []rule.Diagnostic
	for _, d := range doc.Diagnostics {
		code := d.Rule.Code
		if d.Rule.Severity == rule.Error && (code > "MF300" && code < "MF340" && code != "MF317" || code >= "MF710" && code < "MF740") {
			out = append(out, d)
		}
	}
	return out
}

// stageOf is where Metaflow shows the first of the findings.
func stageOf(found []rule.Diagnostic) string {
	if slices.ContainsFunc(found, func(d rule.Diagnostic) bool { return d.Rule.Code < "MF308" }) {
		return "import"
	}
	return "init"
}

func askDecorators(t *testing.T, questions []question) []answer {
	t.Helper()
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	python, err := venv.Python()
	if err != nil {
		t.Fatal(err)
	}
	var in, stderr bytes.Buffer
	for _, q := range questions {
		line, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.CommandContext(t.Context(), python, filepath.Join(root, "analysis/difftest/testdata/decorators.py"))
	cmd.Stdin, cmd.Stderr = &in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	var answers []answer
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions\n%s", len(answers), len(questions), stderr.Bytes())
	}
	return answers
}

// application is a flow with decorators on its class and on its first step.
func application(class, step string) question {
	lines := []string{"import datetime", "from metaflow import *", "", "VALUE = {}", "def hook():", "    pass", ""}
	if class != "" {
		lines = append(lines, class)
	}
	lines = append(lines, "class F(FlowSpec):")
	if step != "" {
		lines = append(lines, "    "+strings.ReplaceAll(step, "\n", "\n    "))
	}
	if !strings.Contains(step, "@step") {
		lines = append(lines, "    @step")
	}
	lines = append(lines, "    def start(self):", "        self.next(self.end)", "    @step", "    def end(self):", "        pass", "")
	q := question{label: strings.ReplaceAll(class+" | "+step, "\n", " "), Source: strings.Join(lines, "\n"), Environment: "local", Datastore: "local"}
	if both := class + step; strings.Contains(both, "pypi") || strings.Contains(both, "conda") {
		q.Environment = "pypi"
	}
	if strings.Contains(step, "@kubernetes") || strings.Contains(step, "@batch") {
		q.Datastore = "s3"
	}
	return q
}
