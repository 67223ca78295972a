package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// Backend is what Metaflow has to launch with.
type Backend struct {
	// Store is the kind of the data store, Root its place, "" if there is none.
	Store string `json:"store"`
	Root  string `json:"root"`
	// Kubernetes: the Python package of that name is there.
	Kubernetes bool `json:"kubernetes"`
}

// Metaflow's own configuration is asked, since an extension of Metaflow may have set it.
const backendProgram = `import importlib.util, json, os
from metaflow import metaflow_config as config
store = os.environ.get("METAFLOW_DATASTORE") or config.DEFAULT_DATASTORE
print(json.dumps({
    "store": store,
    "root": os.environ.get("METAFLOW_DATASTORE_ROOT") or getattr(config, "DATASTORE_SYSROOT_" + store.upper(), None) or "",
    "kubernetes": importlib.util.find_spec("kubernetes") is not None,
}))
`

// AskBackend asks Metaflow, as it is configured in dir. It executes Python: call
// it only when the user asked to launch something.
func AskBackend(ctx context.Context, interpreter, dir, profile string) (Backend, error) {
	answer, reason, err := askPython(ctx, interpreter, dir, Spec{Options: Options{Profile: profile}}.childEnv(nil), backendProgram)
	var b Backend
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return b, fmt.Errorf("metaflow cannot be configured: %s", reason)
	case err != nil:
		return b, err
	}
	if err := json.Unmarshal([]byte(answer), &b); err != nil {
		return b, fmt.Errorf("metaflow does not tell its configuration: %w", err)
	}
	return b, nil
}

// HasPackage tells whether a virtual or conda environment surely has a package,
// from its folders alone.
func HasPackage(interpreter, name string) bool {
	prefix := filepath.Dir(filepath.Dir(interpreter))
	found, err := filepath.Glob(filepath.Join(escapePattern(prefix), "lib", "python3*", "site-packages", name, "__init__.py"))
	return err == nil && len(found) == 1
}
