package prooftest

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"flowls/analysis"
	"flowls/analysis/rule"
	"flowls/internal/venv"
)

var update = flag.Bool("update", false, "run the flows that changed, and write testdata/flows/ran.json and artifacts.json")

const howToRun = "run `go test ./analysis/prooftest -run FlowsRan -update`, and commit testdata/flows/ran.json and artifacts.json"

// corpus are the flows to run: name in the record → file.
func corpus(t *testing.T) map[string]string {
	t.Helper()
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	python, err := venv.Python()
	if err != nil {
		t.Fatal(err)
	}
	tutorials, err := filepath.Glob(filepath.Join(filepath.Dir(python), "../lib/python3*/site-packages/metaflow/tutorials"))
	if err != nil || len(tutorials) != 1 {
		t.Fatalf("the tutorials of Metaflow are not in the Python environment (%v, %v): run `make venv`", tutorials, err)
	}
	files := map[string]string{}
	for name, dir := range map[string]string{
		"valid": filepath.Join(root, "testdata/flows/valid"), "examples": filepath.Join(root, "examples"), "tutorials": tutorials[0],
	} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && filepath.Ext(path) == ".py" {
				files[name+filepath.ToSlash(strings.TrimPrefix(path, dir))] = path
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// mustRun: flows that are written to show what runs.
func mustRun(name string) bool {
	return strings.HasPrefix(name, "valid/realistic/") || strings.HasPrefix(name, "examples/")
}

// runThere runs a file of the corpus in a copy of its folder: "" when it ran to
// success, else the line that tells why not. What its tasks have stored comes with it.
func runThere(t *testing.T, path string) (string, map[string]storedStep) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(path))); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, filepath.Base(path))
	if err := os.WriteFile(copied, []byte(started(read(t, path))), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := command{copied, []string{"run"}, flowLimit, sameHashes}.run(t)
	switch {
	case err != nil:
		t.Fatal(err)
	case strings.Contains(r.Output, "No module named 'metaflow"):
		t.Fatalf("the Python environment is broken: run `make venv`\n%s", ending(r.Output))
	case r.Exit != 0:
		return cause(r.Output), nil
	case !strings.Contains(r.Output, " Done!\n"):
		return "starts no run", nil
	}
	return "", storedBelow(t, filepath.Join(dir, ".metaflow"))
}

var (
	// errorLine is the end of a traceback: ModuleNotFoundError: No module named 'pandas'.
	errorLine = regexp.MustCompile(`(?m)^(?:[0-9-]+ [0-9:.]+ \[.*?\] )?((?:\w+\.)*\w*(?:Error|Exception)\b.*)$`)
	// taskWords are the last that a task says before it fails.
	taskWords = regexp.MustCompile(`\(pid \d+\)\] (\S.*)\n(?:.*\(pid \d+\)\] *\n)*.*\] Task failed\.`)
	place     = regexp.MustCompile(` \(/.*\)$`) // of a module on this machine
	// lastWords are Metaflow's own: indented, at the end.
	lastWords = regexp.MustCompile(`(?:\n    \S.*|\n\s*)+$`)
)

// cause is what the output of a failed run gives as the reason.
func cause(output string) string {
	for _, words := range []*regexp.Regexp{errorLine, taskWords} {
		if m := words.FindStringSubmatch(output); m != nil {
			return place.ReplaceAllString(m[1], "")
		}
	}
	last := strings.Join(strings.Fields(lastWords.FindString(output)), " ")
	return strings.TrimPrefix(last, "Pylint not found, so extra checks are disabled. ")
}

func TestFlowsRan(t *testing.T) {
	files, known, artifacts := corpus(t), readRecord(t), readStored(t)
	fresh, freshArtifacts := record{Metaflow: known.Metaflow, Ran: map[string]string{}, Failed: map[string]failure{}}, stored{}
	stale, realistic := map[string]string{}, 0 // name → hash
	for name, path := range files {
		if strings.HasPrefix(name, "valid/realistic/") {
			realistic++
		}
		hash := hash(t, path)
		failed, didFail := known.Failed[name]
		switch {
		case known.Ran[name] == hash && artifacts[name].Hash == hash:
			fresh.Ran[name], freshArtifacts[name] = hash, artifacts[name]
		case didFail && failed.Hash == hash && !mustRun(name):
			fresh.Failed[name] = failed
		default:
			stale[name] = hash
		}
	}
	if realistic < 40 {
		t.Errorf("testdata/flows/valid/realistic has %d flows, want 40 or more", realistic)
	}
	if *update {
		runStale(t, files, stale, fresh, freshArtifacts)
		return
	}
	for name := range stale {
		t.Errorf("%s was not run as it stands, with Metaflow %s: %s", name, known.Metaflow, howToRun)
	}
	for name := range known.Ran {
		if files[name] == "" {
			t.Errorf("%s of testdata/flows/ran.json is gone: %s", name, howToRun)
		}
	}
}

// runStale runs what is not known, and writes the records after each, so that an
// interrupted update goes on where it was.
func runStale(t *testing.T, files, stale map[string]string, fresh record, artifacts stored) {
	var mu sync.Mutex
	note := func(t *testing.T, name, why string, steps map[string]storedStep) {
		mu.Lock()
		defer mu.Unlock()
		if why == "" {
			fresh.Ran[name], artifacts[name] = stale[name], storedFlow{stale[name], steps}
		} else {
			fresh.Failed[name] = failure{stale[name], why}
		}
		artifacts.write(t)
		fresh.write(t)
	}
	artifacts.write(t)
	fresh.write(t)
	for name := range stale {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			why, steps := runThere(t, files[name])
			if why != "" && mustRun(name) {
				t.Errorf("does not run: %s", why)
			}
			note(t, name, why, steps)
		})
	}
}

// mistaken are flows of the corpus that show how the linter reads a mistake. They
// run because it is on a way that is not taken, or is code that Python drops: the
// finding is right.
var mistaken = map[string]string{
	"valid/imports/step_assigned_from_another_file.py":    "MF137",
	"valid/inherit/step_overwritten_by_a_plain_method.py": "MF137",
	"valid/linear/earlier_next_before_the_last.py":        "MF133",
	"valid/linear/end_with_conditional_next.py":           "MF133",
	"valid/switch/duplicate_keys_leave_two.py":            "MF521",
	"valid/switch/keys_true_and_one_are_the_same_key.py":  "MF521",
	"valid/switch/number_bool_and_bytes_keys.py":          "MF521",
	"valid/text/redefined_step_last_wins.py":              "MF137",
}

// What runs to success is not warned about.
func TestNoFindingOnFlowsThatRun(t *testing.T) {
	files, known := corpus(t), readRecord(t)
	if len(known.Ran) < 100 {
		t.Errorf("only %d flows are known to run", len(known.Ran))
	}
	seen := map[string]bool{}
	for name := range known.Ran {
		if files[name] == "" {
			continue // the test above complains
		}
		doc := analysis.New(read(t, files[name]))
		for _, d := range doc.Diagnostics {
			if d.Severity() < rule.Warning {
				continue
			}
			if mistaken[name] == d.Rule.Code {
				seen[name] = true
				continue
			}
			t.Errorf("%s:%d runs to success; ours: %s %s: %s", name, doc.Text.Line(d.Span.Start)+1, d.Severity(), d.Rule.Code, d.Message)
		}
		doc.Close()
	}
	for name, code := range mistaken {
		if !seen[name] {
			t.Errorf("%s has no finding %s any more: take it from the list", name, code)
		}
	}
}
