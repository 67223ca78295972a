package server

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWorkingDirAndRoots(t *testing.T) {
	t.Setenv("METAFLOW_DATASTORE_SYSROOT_LOCAL", "")
	t.Setenv("METAFLOW_DATASTORE_SYSROOT_SPIN", "")
	ws, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(ws, "a", "b", "flow.py")
	if err := os.MkdirAll(filepath.Dir(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := workingDir(script, ws); got != ws {
		t.Errorf("without a data store: %s", got)
	}
	if got := workingDir(script, ""); got != filepath.Dir(script) {
		t.Errorf("without a workspace: %s", got)
	}
	if err := os.Mkdir(filepath.Join(ws, "a", ".metaflow"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := workingDir(script, ws); got != filepath.Join(ws, "a") {
		t.Errorf("with one between: %s", got)
	}
	all := roots(script, ws)
	for _, dir := range []string{"", "a", "a/b"} {
		for _, name := range []string{".metaflow", ".metaflow_spin"} {
			if want := filepath.Join(ws, dir, name); !slices.Contains(all, want) {
				t.Errorf("%s is not looked at: %v", want, all)
			}
		}
	}
	named := t.TempDir()
	t.Setenv("METAFLOW_DATASTORE_SYSROOT_LOCAL", named)
	if all := roots(script, ws); !slices.Contains(all, filepath.Join(named, ".metaflow")) || slices.Contains(all, filepath.Join(ws, ".metaflow")) {
		t.Errorf("named by the environment: %v", all)
	}
}
