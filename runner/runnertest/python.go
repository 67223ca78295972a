// Package runnertest helps tests that run the real Metaflow.
package runnertest

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Python is the interpreter with the pinned Metaflow: .venv of the project,
// else FLOWLS_PYTHON. Without one the test fails: what needs the real Metaflow
// is not to be passed over in silence.
func Python(t testing.TB) string {
	t.Helper()
	path, ok := FindPython()
	if !ok {
		t.Fatalf("no Python with Metaflow at %s: run `make venv`, or set FLOWLS_PYTHON", path)
	}
	return path
}

// FindPython is Python without a test; path is where it was looked for last.
func FindPython() (path string, ok bool) {
	_, file, _, _ := runtime.Caller(0)
	root := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	path = filepath.Join(root, ".venv", "bin", "python")
	if _, err := os.Stat(path); err == nil {
		return path, true
	}
	if named := os.Getenv("FLOWLS_PYTHON"); named != "" {
		_, err := os.Stat(named)
		return named, err == nil
	}
	return path, false
}

// Env is the environment that flows of tests run in: a user name, which
// Metaflow demands and root does not have; no configuration of this machine; and
// dir as the place of .metaflow, because one in a folder above would be taken instead.
func Env(dir string) []string {
	return []string{
		"USERNAME=tester", "METAFLOW_USER=tester", "METAFLOW_HOME=" + filepath.Join(dir, "metaflow-home"),
		"METAFLOW_DATASTORE_SYSROOT_LOCAL=" + dir, "METAFLOW_DATASTORE_SYSROOT_SPIN=" + dir, "PYTHONDONTWRITEBYTECODE=1",
	}
}
