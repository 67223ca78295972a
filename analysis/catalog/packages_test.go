package catalog

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"flowls/internal/venv"
)

func TestBring(t *testing.T) {
	p := KnownPackages()
	for _, c := range []struct {
		wanted string
		listed []string
		want   bool
	}{
		{"pandas", []string{"pandas"}, true},
		{"pandas", []string{"numpy"}, false},
		{"numpy", []string{"seaborn"}, true}, // through pandas
		{"pandas", []string{"Scikit_Learn"}, false},
		{"scikit-learn", []string{"Scikit_Learn"}, true},
		{"torch", []string{"conda-forge::pytorch"}, true},
		{"opencv-python", []string{"opencv-python-headless"}, true},
		{"numpy", []string{"pandas[excel]"}, true}, // extras: unsure
		{"pandas", []string{"our-own-utils", "numpy"}, true},
		{"pandas", nil, false},
	} {
		if got := p.Bring(c.listed, c.wanted); got != c.want {
			t.Errorf("%v bring %s: %v", c.listed, c.wanted, got)
		}
	}
	if p.Provider("sklearn") != "scikit-learn" || p.Provider("json") != "" {
		t.Error("providers")
	}
}

// No module of the table may be Python's own, in any version; and what is
// installed here must agree with it.
func TestPackageTable(t *testing.T) {
	script := filepath.Join(t.TempDir(), "modules.py")
	if err := os.WriteFile(script, []byte(`import importlib.metadata as m, json, re, sys
print(json.dumps({"stdlib": sorted(sys.stdlib_module_names), "installed": {
    k: [re.sub(r"[-_.]+", "-", d.lower()) for d in v] for k, v in m.packages_distributions().items()}}))
`), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := venv.Output(script)
	if err != nil {
		t.Fatal(err)
	}
	var python struct {
		Stdlib    []string
		Installed map[string][]string
	}
	if err := json.Unmarshal(out, &python); err != nil {
		t.Fatal(err)
	}
	later := []string{"annotationlib", "compression", "distutils", "string", "tomllib", "asynchat", "imp"} // in some version from 3.8 to 3.14
	p := KnownPackages()
	for module, distribution := range p.provider {
		if slices.Contains(python.Stdlib, module) || slices.Contains(later, module) {
			t.Errorf("%s is a module of Python's own", module)
		}
		if in := python.Installed[module]; in != nil && !slices.Contains(in, distribution) {
			t.Errorf("%s comes with %v here, not with %s", module, in, distribution)
		}
	}
	if len(python.Stdlib) < 200 || len(python.Installed) < 5 || len(p.provider) < 50 {
		t.Errorf("%d modules of Python, %d installed, %d in the table", len(python.Stdlib), len(python.Installed), len(p.provider))
	}
}
