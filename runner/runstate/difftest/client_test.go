package difftest

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"flowls/runner/runstate"

	"github.com/aymanbagabas/go-udiff"
)

// What client.py prints.
type (
	clientView struct {
		Runs  map[string]runDump `json:"runs"`
		Spins map[string]runDump `json:"spins"`
	}
	runDump struct {
		Tags       []string                       `json:"tags"`
		Finished   bool                           `json:"finished"`
		Successful bool                           `json:"successful"`
		Steps      map[string]map[string]taskDump `json:"steps"`
	}
	taskDump struct {
		Finished      bool                    `json:"finished"`
		Successful    bool                    `json:"successful"`
		Attempt       int                     `json:"attempt"`
		Exception     *exceptionDump          `json:"exception"`
		ForeachPath   string                  `json:"foreach_path"`
		ForeachValues []string                `json:"foreach_values"`
		OriginRun     string                  `json:"origin_run"`
		OriginTask    string                  `json:"origin_task"`
		Artifacts     map[string]artifactDump `json:"artifacts"`
		Metadata      [][]any                 `json:"metadata"` // name, type, value, milliseconds
	}
	exceptionDump struct {
		Type       string `json:"type"`
		Message    string `json:"message"`
		Stacktrace string `json:"stacktrace"`
	}
	artifactDump struct {
		Type  string  `json:"type"`
		Size  int64   `json:"size"`
		SHA   string  `json:"sha"`
		Value *string `json:"value"`
	}
)

func opened(t *testing.T) (dir string, client clientView) {
	t.Helper()
	dir, err := recording()
	if err != nil {
		t.Fatal(err)
	}
	data, err := clientJSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &client); err != nil {
		t.Fatal(err)
	}
	return dir, client
}

// Every run is what Metaflow's own client says that it is: finished, successful,
// exception, foreach, origin, metadata, and of each artifact type, size, hash and
// small value. Where the two mean to differ:
//
//   - Metaflow's own artifacts (`_graph_info`, `name`) are not listed: nobody wrote them.
//   - A cloned task has its own metadata; the client mixes in those of its origin.
//   - A spin is a run that ends with its one step; the client waits for an `end` that never comes.
//   - A run has the time of its id; the client gives the record's, which `tag add` sets anew.
func TestSameAsClient(t *testing.T) {
	dir, client := opened(t)
	for name, c := range map[string]struct {
		root string
		want map[string]runDump
		spin bool
	}{
		"runs":  {".metaflow", client.Runs, false},
		"spins": {".metaflow_spin", client.Spins, true},
	} {
		reader := runstate.NewReader(filepath.Join(dir, c.root))
		for pathspec, want := range c.want {
			if c.spin {
				want.Finished, want.Successful = true, true
				c.want[pathspec] = want
			}
		}
		compare(t, name, c.want, dumper{reader.Source(), reader}.all(t))
	}
}

func compare(t *testing.T, name string, want, got map[string]runDump) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("%s: the client knows none", name)
	}
	for pathspec := range want {
		if diff := udiff.Unified("client", "flowls", text(t, want[pathspec]), text(t, got[pathspec])); diff != "" {
			t.Errorf("%s:\n%s", pathspec, diff)
		}
	}
	for pathspec := range got {
		if _, ok := want[pathspec]; !ok {
			t.Errorf("%s: the client does not know it", pathspec)
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
