package prooftest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/artifact"
	"flowls/internal/venv"
)

// stored is testdata/flows/artifacts.json: what the tasks of each flow that ran
// had stored when they ended.
type stored map[string]storedFlow // by path

type storedFlow struct {
	Hash  string                `json:"hash"`  // that of ran.json
	Steps map[string]storedStep `json:"steps"` // by "Flow/step"
}

// storedStep are names of artifacts, without those that every flow has.
type storedStep struct {
	Every []string `json:"every,omitempty"` // in every task
	Some  []string `json:"some,omitempty"`  // in some tasks, not in all
}

func storedFile(t *testing.T) string {
	t.Helper()
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "testdata/flows/artifacts.json")
}

func readStored(t *testing.T) stored {
	t.Helper()
	known := stored{}
	data, err := os.ReadFile(storedFile(t))
	if errors.Is(err, fs.ErrNotExist) {
		return known
	}
	if err != nil || json.Unmarshal(data, &known) != nil {
		t.Fatalf("testdata/flows/artifacts.json cannot be read (%v)", err)
	}
	return known
}

// write gives each flow a line, so that a difference shows which.
func (s stored) write(t *testing.T) {
	t.Helper()
	var data bytes.Buffer
	data.WriteString("{\n")
	for i, name := range slices.Sorted(maps.Keys(s)) {
		line, err := json.Marshal(map[string]storedFlow{name: s[name]})
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			data.WriteString(",\n")
		}
		data.Write(line[1 : len(line)-1])
	}
	data.WriteString("\n}\n")
	if err := os.WriteFile(storedFile(t), data.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// storedBelow reads what the tasks in a local datastore have stored last.
func storedBelow(t *testing.T, datastore string) map[string]storedStep {
	t.Helper()
	// <flow>/<run>/<step>/<task>/<attempt>.data.json, attempts below ten
	files, err := filepath.Glob(filepath.Join(datastore, "*/*/*/*/*.data.json"))
	if err != nil {
		t.Fatal(err)
	}
	latest := map[string]string{} // by the folder of the task
	for _, file := range files {
		latest[filepath.Dir(file)] = file
	}
	count, tasks := map[string]map[string]int{}, map[string]int{}
	for task, file := range latest {
		run, step := filepath.Dir(filepath.Dir(task)), filepath.Base(filepath.Dir(task))
		if strings.HasPrefix(step, "_") {
			continue // the parameters
		}
		step = filepath.Base(filepath.Dir(run)) + "/" + step
		var data struct {
			Objects map[string]string `json:"objects"`
		}
		if err := json.Unmarshal(read(t, file), &data); err != nil {
			t.Fatal(err)
		}
		if count[step] == nil {
			count[step] = map[string]int{}
		}
		tasks[step]++
		for name := range data.Objects {
			if !artifact.Reserved(name) {
				count[step][name]++
			}
		}
	}
	steps := map[string]storedStep{}
	for step, n := range tasks {
		var s storedStep
		for _, name := range slices.Sorted(maps.Keys(count[step])) {
			if count[step][name] == n {
				s.Every = append(s.Every, name)
			} else {
				s.Some = append(s.Some, name)
			}
		}
		steps[step] = s
	}
	return steps
}

// What a task really had at its end, the data flow does not call never set; and
// what it calls surely set, every task had.
func TestArtifactsOfFlowsThatRan(t *testing.T) {
	files, ran, known := corpus(t), readRecord(t).Ran, readStored(t)
	compared, sure := 0, 0
	for name, was := range known {
		if files[name] == "" || ran[name] != was.Hash {
			t.Errorf("%s of testdata/flows/artifacts.json did not run as it stands: %s", name, howToRun)
			continue
		}
		doc := analysis.New(read(t, files[name]))
		for i := range doc.File.Flows {
			facts := doc.Artifacts(i)
			for _, s := range facts.Steps {
				had, did := was.Steps[facts.Flow.Name+"/"+s.Node.Step.Name]
				if !did {
					continue // behind a switch, or in a flow that was not started
				}
				compared++
				sure += compareStep(t, name, facts, s, had)
			}
		}
		doc.Close()
	}
	if compared < 700 || sure < 1500 {
		t.Errorf("only %d steps were compared, with %d artifacts that are surely set", compared, sure)
	}
}

// compareStep reports how many artifacts are surely set.
func compareStep(t *testing.T, file string, facts *artifact.Facts, s *artifact.Step, had storedStep) (sure int) {
	t.Helper()
	for _, name := range slices.Concat(had.Every, had.Some) {
		if s.Exit(name) == artifact.Never {
			t.Errorf("%s: a task of %s has %s at its end, which is never set", file, s.Node.Step.Name, name)
		}
	}
	names := slices.Clone(facts.Names())
	for _, p := range facts.Flow.Parameters {
		names = append(names, p.Attr)
	}
	for _, name := range names {
		if s.Exit(name) != artifact.Surely {
			continue
		}
		sure++
		if !slices.Contains(had.Every, name) {
			t.Errorf("%s: %s is surely set at the end of %s, but not every task has it", file, name, s.Node.Step.Name)
		}
	}
	return sure
}
