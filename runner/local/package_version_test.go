package local

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"flowls/internal/venv"
)

func TestPackageVersion(t *testing.T) {
	prefix := t.TempDir()
	for _, name := range []string{
		"3.11/site-packages/scikit_learn-1.5.0", "3.11/site-packages/PyYAML-6.0.2", "3.11/site-packages/torch-2.3.0+cu121",
		"3.10/site-packages/six-1.16.0", "3.11/site-packages/six-1.17.0", "3.11/site-packages/pandas_stubs-2.2.0",
	} {
		if err := os.MkdirAll(filepath.Join(prefix, "lib", "python"+name+".dist-info"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"scikit-learn": "1.5.0", "pyyaml": "6.0.2", "torch": "2.3.0", "six": "", "pandas": ""} {
		if got := PackageVersion(filepath.Join(prefix, "bin", "python"), name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	// A real environment says the same of itself.
	script := filepath.Join(t.TempDir(), "version.py")
	if err := os.WriteFile(script, []byte("import importlib.metadata as m, sys\nprint(sys.executable, m.version('metaflow'))\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := venv.Output(script)
	if err != nil {
		t.Fatal(err)
	}
	var python, version string
	if _, err := fmt.Sscan(string(out), &python, &version); err != nil {
		t.Fatal(err)
	}
	if got := PackageVersion(python, "metaflow"); got != version || got == "" {
		t.Errorf("metaflow: %q, not %q", got, version)
	}
}
