package difftest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/internal/venv"
)

// unreachable are the checks that Metaflow's linter never gets to raise: its
// own check_split_join_balance dies first, or the setting is off.
var unreachable = []string{"check_empty_foreaches", "check_nested_foreach"}

// noFlows are files of valid/ that hold no flow of their own.
var noFlows = map[string]bool{"no_flow_in_the_file.py": true, "shared_base.py": true, "shared_steps.py": true}

// pythonFiles are the .py files below a folder, sorted.
func pythonFiles(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ".py" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// compareAll reports every difference of every file.
func compareAll(t *testing.T, files []string, verdicts []verdict) {
	t.Helper()
	for i, v := range verdicts {
		src, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range differences(src, v) {
			t.Errorf("%s: %s", files[i], d)
		}
	}
}

func TestTutorials(t *testing.T) {
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	out, err := venv.Output(filepath.Join(root, "analysis/difftest/testdata/tutorials.py"))
	if err != nil {
		t.Fatal(err)
	}
	files := pythonFiles(t, strings.TrimSpace(string(out)))
	if len(files) < 6 {
		t.Fatalf("Metaflow has %d tutorials: %v", len(files), files)
	}
	verdicts, _ := metaflow(t, files)
	for _, v := range verdicts {
		if v.Error != "" || len(v.Flows) == 0 {
			t.Errorf("%s was not checked: %q", v.File, v.Error)
		}
	}
	compareAll(t, files, verdicts)
}

func TestExamples(t *testing.T) {
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	files := pythonFiles(t, filepath.Join(root, "examples"))
	if len(files) == 0 {
		t.Fatal("no examples")
	}
	verdicts, _ := metaflow(t, files)
	for _, v := range verdicts {
		if !keepsPromise("valid/example", v) {
			t.Errorf("%s: %q %v", v.File, v.Error, v.Flows)
		}
	}
	compareAll(t, files, verdicts)
}

func TestCorpus(t *testing.T) {
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	corpus := filepath.Join(root, "testdata", "flows")
	files := append(pythonFiles(t, filepath.Join(corpus, "valid")), pythonFiles(t, filepath.Join(corpus, "broken"))...)
	if len(files) < 150 {
		t.Fatalf("the corpus has %d files, want 150 or more", len(files))
	}
	verdicts, checks := metaflow(t, files)

	hit := map[string]bool{}
	for i, v := range verdicts {
		name, err := filepath.Rel(corpus, files[i])
		if err != nil {
			t.Fatal(err)
		}
		if !keepsPromise(name, v) {
			t.Errorf("%s does not show what its folder says: %q %v", name, v.Error, v.Flows)
		}
		for _, f := range v.Flows {
			if f.Crash == "" {
				hit[f.Check] = true
			}
		}
	}
	for _, c := range checks {
		if slices.Contains(unreachable, c.Name) == hit[c.Name] {
			t.Errorf("%s (on: %v): raised by a file of the corpus: %v", c.Name, c.On, hit[c.Name])
		}
	}
	compareAll(t, files, verdicts)
}

// keepsPromise: the folder of a file of the corpus says what Metaflow does with it.
func keepsPromise(name string, v verdict) bool {
	parts := strings.Split(filepath.ToSlash(name), "/")
	anyFlow := func(want func(flowVerdict) bool) bool { return slices.ContainsFunc(v.Flows, want) }
	switch {
	case parts[0] == "valid":
		return v.Error == "" && (len(v.Flows) > 0 || noFlows[parts[len(parts)-1]]) && !anyFlow(func(f flowVerdict) bool { return !f.OK && !v.neverLinted(f) })
	case parts[1] == "syntax":
		return notPython(v)
	case parts[1] == "crash":
		return anyFlow(func(f flowVerdict) bool { return f.Crash != "" })
	default:
		return anyFlow(func(f flowVerdict) bool { return f.Check == parts[1] && f.Crash == "" })
	}
}
