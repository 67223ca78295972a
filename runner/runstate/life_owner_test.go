package runstate

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A scheduler is known by its file, its folder and its start, wherever it keeps
// its data: near the folder, or where the environment or a configuration says.
func TestSchedulerOwnsItsRun(t *testing.T) {
	now := time.Now()
	project, elsewhere, home := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("METAFLOW_HOME", home)
	t.Setenv("METAFLOW_PROFILE", "")
	owns := func(root string) bool {
		run := &Run{Root: root, Flow: "F", ID: "1", Script: "f.py", Created: now}
		return run.owns(process{argv: []string{"python", "f.py", "run"}, dir: project, start: now.Add(-time.Second)})
	}
	if !owns(filepath.Join(project, rootName)) {
		t.Error("its data are in its folder")
	}
	if owns(filepath.Join(elsewhere, rootName)) {
		t.Error("its data are in another project")
	}
	config := []byte(`{"METAFLOW_DATASTORE_SYSROOT_LOCAL": "` + elsewhere + `"}`)
	if err := os.WriteFile(filepath.Join(home, "config.json"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	if !owns(filepath.Join(elsewhere, rootName)) {
		t.Error("its data are where the configuration says")
	}
	if err := os.Remove(filepath.Join(home, "config.json")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("METAFLOW_DATASTORE_SYSROOT_LOCAL", elsewhere)
	if !owns(filepath.Join(elsewhere, rootName)) {
		t.Error("its data are where the environment says")
	}
}
