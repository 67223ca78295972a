package difftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"flowls/analysis"
	"flowls/analysis/rule"
	"flowls/internal/venv"
)

// declared is what Metaflow says about a file (see testdata/declare.py).
type declared struct {
	File   string            `json:"file"`
	Error  string            `json:"error"`
	Values map[string]string `json:"values"`
}

// TestDeclarations compares what Metaflow's run makes of parameters, configs
// and class attributes with our findings: no error and no warning on what it
// takes, unless the damage is there to see.
func TestDeclarations(t *testing.T) {
	cases := declarations()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "c.json"), []byte(`{"a": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	files := make([]string, len(cases))
	for i, body := range cases {
		files[i] = filepath.Join(dir, fmt.Sprintf("f%d.py", i))
		if err := os.WriteFile(files[i], []byte(declarationFile(body)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	verdicts := declare(t, files)
	refused, missed := 0, 0
	for i, body := range cases {
		v, findings := verdicts[i], declarationFindings(body)
		switch {
		case v.Error == "" || strings.Contains(v.Error, "Missing option"):
			for _, f := range findings {
				if f.Severity() >= rule.Warning && !harmSeen(f, v, body) {
					t.Errorf("false alarm %s %q on\n%s\nvalues: %v", f.Rule.Code, f.Message, body, v.Values)
				}
			}
		case !found(findings, rule.Error):
			missed++
			t.Logf("missed:\n%s\n%s", body, v.Error[strings.LastIndexByte(v.Error, '\n')+1:])
			refused++
		default:
			refused++
		}
	}
	t.Logf("%d declarations, %d refused by Metaflow, %d of these without a finding", len(cases), refused, missed)
	if refused < 150 {
		t.Errorf("Metaflow refused only %d", refused)
	}
	if missed*6 > refused { // the rest depends on files, functions and other code
		t.Errorf("%d of %d mistakes are not found", missed, refused)
	}
}

func found(findings []rule.Diagnostic, least rule.Severity) bool {
	for _, f := range findings {
		if f.Severity() >= least {
			return true
		}
	}
	return false
}

// harmSeen reports whether the values show what a warning says.
func harmSeen(f rule.Diagnostic, v declared, body string) bool {
	switch f.Rule.Code {
	case "MF403": // both got the same value
		return len(v.Values) == 2 && v.Values["a"] == v.Values["b"]
	case "MF406":
		return regexp.MustCompile(`^-?\d+$`).MatchString(v.Values["a"])
	case "MF413": // nothing reads the argument
		return v.Values["a"] == "None" || v.Values["a"] == "{'a': 1}"
	case "MF415":
		if strings.Contains(f.Message, "defined again") {
			return len(v.Values) < strings.Count(body, "Parameter(")
		}
		for attr := range v.Values {
			if strings.Contains(f.Message, "`"+attr+"`") {
				return false
			}
		}
		return true
	}
	return false
}

const declarationHead = `from metaflow import *
import threading, logging, re, functools, sqlite3, collections, dataclasses, enum, datetime, pathlib, io, sys, queue, json


def fn0(): return "x"
def fn1(ctx): return "x"
def fn2(ctx, deploy=False): return "x"
def fn3(a, b, c): return "x"
def fnargs(*args): return "x"
def fnkw(*, x): return "x"


class Plain:
    pass


class F(FlowSpec):
`

func declarationFile(body string) string {
	var b strings.Builder
	b.WriteString(declarationHead)
	for line := range strings.Lines(body) {
		b.WriteString("    " + line)
	}
	b.WriteString("\n\n    @step\n    def start(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n\n\nif __name__ == \"__main__\":\n    F()\n")
	return b.String()
}

func declarationFindings(body string) []rule.Diagnostic {
	doc := analysis.New([]byte(declarationFile(body)))
	defer doc.Close()
	return slices.DeleteFunc(slices.Clone(doc.Diagnostics), func(d rule.Diagnostic) bool { return !strings.HasPrefix(d.Rule.Code, "MF4") })
}

// declare asks Metaflow about all files, with two workers at a time.
func declare(t *testing.T, files []string) []declared {
	t.Helper()
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	python, err := venv.Python()
	if err != nil {
		t.Fatal(err)
	}
	verdicts := make([]declared, len(files))
	var group sync.WaitGroup
	for half := range 2 {
		group.Go(func() {
			var in, out, stderr bytes.Buffer
			for i := half; i < len(files); i += 2 {
				fmt.Fprintf(&in, "{\"file\": %q}\n", files[i])
			}
			command := exec.CommandContext(t.Context(), python, filepath.Join(root, "analysis/difftest/testdata/declare.py"))
			command.Env = append(os.Environ(), "PYTHONHASHSEED=0")
			command.Stdin, command.Stdout, command.Stderr = &in, &out, &stderr
			if err := command.Run(); err != nil {
				t.Errorf("%v\n%s", err, stderr.Bytes())
				return
			}
			decoder := json.NewDecoder(&out)
			for i := half; i < len(files); i += 2 {
				if err := decoder.Decode(&verdicts[i]); err != nil || verdicts[i].File != files[i] {
					t.Errorf("%s: no answer: %v\n%s", files[i], err, stderr.Bytes())
					return
				}
			}
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return verdicts
}
