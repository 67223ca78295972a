package runstate

import (
	"os"
	"path/filepath"

	"flowls/runner/store"
)

const (
	rootName     = ".metaflow"
	spinRootName = ".metaflow_spin"
)

// FindRoot finds the directory that Metaflow uses when started in dir: that of
// METAFLOW_DATASTORE_SYSROOT_LOCAL (of the environment or a configuration), else the first .metaflow from dir upward,
// else the one that it would create in dir. The result need not exist.
func FindRoot(dir string, getenv func(string) string) string {
	return find(dir, rootName, store.Setting(dir, getenv, "METAFLOW_DATASTORE_SYSROOT_LOCAL"))
}

// FindSpinRoot is FindRoot for what spin leaves.
func FindSpinRoot(dir string, getenv func(string) string) string {
	return find(dir, spinRootName, store.Setting(dir, getenv, "METAFLOW_DATASTORE_SYSROOT_SPIN"))
}

func find(dir, name, sysroot string) string {
	if sysroot != "" {
		if !filepath.IsAbs(sysroot) {
			sysroot = filepath.Join(dir, sysroot)
		}
		return filepath.Join(sysroot, name)
	}
	// Metaflow asks the system for the current directory, which knows no symbolic links.
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		path := filepath.Join(at, name)
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return path
		}
		if at == filepath.Dir(at) {
			return filepath.Join(filepath.Clean(dir), name)
		}
	}
}
