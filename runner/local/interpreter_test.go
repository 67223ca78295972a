package local

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowls/runner/runnertest"
)

func fakePython(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindInterpreter(t *testing.T) {
	dir := t.TempDir()
	root := filepath.Join(dir, "ws")
	script := filepath.Join(root, "a", "b", "flow.py")
	if err := os.MkdirAll(filepath.Dir(script), 0o700); err != nil {
		t.Fatal(err)
	}
	onPath := fakePython(t, filepath.Join(dir, "bin", "python3"))
	active := fakePython(t, filepath.Join(dir, "active", "bin", "python"))
	near := fakePython(t, filepath.Join(root, "a", ".venv", "bin", "python"))
	fakePython(t, filepath.Join(root, "venv", "bin", "python"))
	outside := fakePython(t, filepath.Join(dir, ".venv", "bin", "python"))
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	path := filepath.Join(dir, "bin")
	for name, c := range map[string]struct {
		search Search
		want   Interpreter
	}{
		"setting wins":                {Search{Setting: outside, Script: script, Root: root, Getenv: env("VIRTUAL_ENV", filepath.Join(dir, "active"))}, Interpreter{outside, "setting"}},
		"setting by name":             {Search{Setting: "python3", Getenv: env("PATH", path)}, Interpreter{onPath, "setting"}},
		"active environment":          {Search{Script: script, Root: root, Getenv: env("VIRTUAL_ENV", filepath.Join(dir, "active"))}, Interpreter{active, "VIRTUAL_ENV"}},
		"conda":                       {Search{Script: script, Root: root, Getenv: env("CONDA_PREFIX", filepath.Join(dir, "active"))}, Interpreter{active, "CONDA_PREFIX"}},
		"nearest of the workspace":    {Search{Script: script, Root: root, Getenv: env("PATH", path)}, Interpreter{near, ".venv"}},
		"untrusted: not of workspace": {Search{Script: script, Getenv: env("PATH", path)}, Interpreter{onPath, "PATH"}},
		"not above the workspace":     {Search{Script: filepath.Join(dir, "ws2", "f.py"), Root: filepath.Join(dir, "ws2"), Getenv: env("PATH", path)}, Interpreter{onPath, "PATH"}},
		"relative entries of PATH":    {Search{Getenv: env("PATH", "bin:.:"+path)}, Interpreter{onPath, "PATH"}},
	} {
		got, err := FindInterpreter(c.search)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
	for name, s := range map[string]Search{
		"setting does not exist": {Setting: filepath.Join(dir, "none"), Getenv: env("PATH", path)},
		"nothing anywhere":       {Getenv: env()},
	} {
		if got, err := FindInterpreter(s); err == nil {
			t.Errorf("%s: found %+v", name, got)
		}
	}
}

func TestMetaflowVersion(t *testing.T) {
	version, err := MetaflowVersion(t.Context(), runnertest.Python(t))
	if err != nil || !strings.HasPrefix(version, "2.") {
		t.Errorf("%q, %v", version, err)
	}
	// What the folders say is what Python says.
	asked, err := askMetaflowVersion(t.Context(), runnertest.Python(t))
	if got := installedMetaflow(runnertest.Python(t)); err != nil || got != asked {
		t.Errorf("folders say %q, Python %q, %v", got, asked, err)
	}
	// An interpreter of which Metaflow is hidden.
	bare := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(bare, []byte("#!/bin/sh\nexec "+runnertest.Python(t)+" -S -I \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err = MetaflowVersion(t.Context(), bare)
	var missing *NoMetaflowError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), bare+" -m pip install metaflow") {
		t.Errorf("without Metaflow: %v", err)
	}
	if _, err := MetaflowVersion(t.Context(), fakePython(t, filepath.Join(t.TempDir(), "python"))); err == nil || errors.As(err, &missing) {
		t.Errorf("not a Python: %v", err)
	}
}

// Where the folders are not sure, Python is asked.
func TestInstalledMetaflowIsSure(t *testing.T) {
	for name, c := range map[string]struct{ files, want string }{
		"venv":         {"pyvenv.cfg lib/python3.11/site-packages/metaflow/__init__.py lib/python3.11/site-packages/metaflow-2.19.1.dist-info/METADATA", "2.19.1"},
		"conda":        {"conda-meta/history lib/python3.11/site-packages/metaflow/__init__.py lib/python3.11/site-packages/metaflow-2.19.1.dist-info/METADATA", "2.19.1"},
		"system":       {"lib/python3.11/site-packages/metaflow/__init__.py lib/python3.11/site-packages/metaflow-2.19.1.dist-info/METADATA", ""},
		"no package":   {"pyvenv.cfg lib/python3.11/site-packages/metaflow-2.19.1.dist-info/METADATA", ""},
		"two versions": {"pyvenv.cfg lib/python3.11/site-packages/metaflow/__init__.py lib/python3.11/site-packages/metaflow-2.19.1.dist-info/METADATA lib/python3.11/site-packages/metaflow-2.9.0.dist-info/METADATA", ""},
		"two Pythons":  {"pyvenv.cfg lib/python3.9/site-packages/x lib/python3.11/site-packages/metaflow/__init__.py lib/python3.11/site-packages/metaflow-2.19.1.dist-info/METADATA", ""},
		"others":       {"pyvenv.cfg lib/python3.11/site-packages/metaflow/__init__.py lib/python3.11/site-packages/metaflow-card-x-1.0.dist", ""},
	} {
		dir := filepath.Join(t.TempDir(), "with [brackets]")
		python := fakePython(t, filepath.Join(dir, "bin", "python"))
		for file := range strings.FieldsSeq(c.files) {
			fakePython(t, filepath.Join(dir, file))
		}
		if got := installedMetaflow(python); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// An interpreter that talks without end costs no memory.
func TestProbeOutputIsBounded(t *testing.T) {
	var l limited
	long := io.LimitReader(strings.NewReader(strings.Repeat("x", 10*maxAnswer)), 10*maxAnswer) // no WriteTo, as a pipe from a process
	if n, err := io.Copy(&l, long); n != 10*maxAnswer || err != nil {
		t.Errorf("taken: %d, %v", n, err)
	}
	if got := len(l.String()); got != maxAnswer {
		t.Errorf("kept %d bytes", got)
	}
}
