package server

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/runstate"
)

// A module that the image of a task lacks is installed by Metaflow, where the
// flow says so already or by a list of its own.
func TestImagePackages(t *testing.T) {
	python := filepath.Join(t.TempDir(), "bin", "python")
	if err := os.MkdirAll(filepath.Join(python, "../../lib/python3.11/site-packages/pandas-2.2.3.dist-info"), 0o700); err != nil {
		t.Fatal(err)
	}
	const (
		imported = "from metaflow import FlowSpec, conda, conda_base, step"
		usual    = "from metaflow import FlowSpec, conda, conda_base, pypi, pypi_base, step"
	)
	for name, c := range map[string]struct {
		imports, flow, step string
		module              string
		top                 bool
		fix                 string // its title, "" for none
		fixedImports        string // "" for the same
		fixedFlow           string
		fixedStep           string
		says                string
	}{
		"none": {
			imports: imported, module: "pandas.core", fix: "Install pandas 2.2.3 with @pypi, which needs --environment=pypi",
			fixedImports: imported + ", pypi", fixedStep: `@pypi(packages={"pandas": "2.2.3"})`, says: "have `pandas` installed by `@pypi(packages={…})` and run with `--environment=pypi`",
		},
		"not here either": {
			imports: usual, module: "sklearn", fix: "Install scikit-learn in any version with @pypi, which needs --environment=pypi",
			fixedStep: `@pypi(packages={"scikit-learn": ">=0"})`, says: "The image `ours:1` has no `sklearn`.",
		},
		"in the list":    {imports: usual, step: `@pypi(packages={"numpy": "2"})`, module: "pandas", fix: "Add pandas 2.2.3 to @pypi", fixedStep: `@pypi(packages={"numpy": "2", "pandas": "2.2.3"})`},
		"in parentheses": {imports: usual, step: `@pypi(packages={"numpy": ("2")})`, module: "pandas", fix: "Add pandas 2.2.3 to @pypi", fixedStep: `@pypi(packages={"pandas": "2.2.3", "numpy": ("2")})`},
		"an empty list":  {imports: usual, step: `@pypi(packages={}, python="3.11")`, module: "pandas", fix: "Add pandas 2.2.3 to @pypi", fixedStep: `@pypi(packages={"pandas": "2.2.3"}, python="3.11")`},
		"no list":        {imports: usual, step: `@pypi(python="3.11")`, module: "pandas", fix: "Add pandas 2.2.3 to @pypi", fixedStep: `@pypi(packages={"pandas": "2.2.3"}, python="3.11")`},
		"conda":          {imports: usual, step: `@conda(libraries={"numpy": "2"})`, module: "pandas", fix: "Add pandas in any version to @conda", fixedStep: `@conda(libraries={"numpy": "2", "pandas": ">=0"})`},
		"the flow's":     {imports: usual, flow: `@pypi_base(packages={"numpy": "2"})`, module: "pandas", fix: "Add pandas 2.2.3 to @pypi_base", fixedFlow: `@pypi_base(packages={"numpy": "2", "pandas": "2.2.3"})`},
		"at the top":     {imports: usual, module: "pandas", top: true, fix: "Install pandas 2.2.3 with @pypi_base, which needs --environment=pypi", fixedFlow: `@pypi_base(packages={"pandas": "2.2.3"})`},
		"both, step":     {imports: usual, flow: `@pypi_base(python="3.11")`, step: "@pypi(packages={})", module: "pandas", fix: "Add pandas 2.2.3 to @pypi", fixedStep: `@pypi(packages={"pandas": "2.2.3"})`},
		"top, own list":  {imports: usual, step: `@pypi(packages={"numpy": "2"})`, module: "pandas", top: true, fix: "Install pandas 2.2.3 with @pypi_base, which needs --environment=pypi", fixedFlow: `@pypi_base(packages={"pandas": "2.2.3"})`},
		"top, conda":     {imports: usual, step: `@conda(packages={"numpy": "2"})`, module: "pandas", top: true},
		"conda's name":   {imports: usual, step: `@conda(packages={"numpy": "2"})`, module: "cv2"},
		"listed already": {imports: usual, step: `@pypi(packages={"pandas": "2"})`, module: "pandas"},
		"brought":        {imports: usual, step: `@pypi(packages={"seaborn": "0.13"})`, module: "pandas"},
		"computed":       {imports: usual, step: `@pypi(packages=WANTED)`, module: "pandas"},
		"disabled":       {imports: usual, step: `@pypi(disabled=True)`, module: "pandas"},
		"of nobody":      {imports: usual, module: "our_helpers", says: "the package may be called otherwise than `our_helpers`"},
	} {
		t.Run(name, func(t *testing.T) {
			source := packageSource(c.imports, c.flow, c.step)
			v := viewOf(t, source)
			f := v.File.Flows[0]
			of := &runView{record: &local.Record{Spec: local.Spec{Flow: "F", Interpreter: python}, RunID: "1", Status: local.Failed}}
			of.pods = of.pods.with(wire.KubeStatesParams{States: []wire.KubeState{
				{KubeTask: wire.KubeTask{Step: "start", Task: "1"}, Phase: "failed", Over: true, ExitCode: new(1), Image: "ours:1"},
			}})
			attempt := &runstate.Attempt{}
			task := &runstate.Task{ID: "1", Step: "start", Attempts: []*runstate.Attempt{attempt}}
			frame := runstate.Frame{File: "/f.py", Line: 1, Function: "start"}
			if c.top {
				frame.Function = "<module>"
			}
			sv := &stepView{of: of, name: "start", step: &runstate.Step{Name: "start", Tasks: []*runstate.Task{task}}}
			sv.failure = &runstate.Failure{Task: task, Attempt: attempt, Exception: &runstate.Exception{
				Type: "builtins.ModuleNotFoundError", Message: "No module named '" + c.module + "'", Frames: []runstate.Frame{frame},
			}}
			sv.lacks = sv.lackedPackage("/f.py")
			for _, s := range f.Steps {
				if s.Name != "start" {
					continue
				}
				d := v.failureDiagnostic("/f.py", newPresentText(v), f, s, sv)
				if !strings.Contains(d.Message, c.says) {
					t.Errorf("it says %s", d.Message)
				}
				title, got := "", source
				for _, fix := range d.Fixes {
					title = fix.Title
					for _, e := range fix.Edits {
						got = got[:e.Span.Start] + e.New + got[e.Span.End:]
					}
				}
				if title != c.fix {
					t.Errorf("the fix is %q", title)
				}
				want := source
				if c.fix != "" {
					want = packageSource(cmp.Or(c.fixedImports, c.imports), cmp.Or(c.fixedFlow, c.flow), cmp.Or(c.fixedStep, c.step))
				}
				if got != want {
					t.Errorf("fixed:\n%s\nwant:\n%s", got, want)
				}
			}
		})
	}
}

func packageSource(imports, flow, step string) string {
	if flow != "" {
		flow += "\n"
	}
	if step != "" {
		step = "    " + step + "\n"
	}
	return imports + "\n\n\n" + flow + "class F(FlowSpec):\n" + step + "    @step\n    def start(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n"
}
