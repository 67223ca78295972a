package local

import (
	"os"
	"path/filepath"
	"strings"
)

// installedMetaflow is the version of Metaflow in a virtual or conda
// environment, read from the names of its folders: a click on Run should not
// wait for Python to start once just to be asked. "" where that does not tell
// for sure; then Python is asked.
func installedMetaflow(interpreter string) string {
	prefix := filepath.Dir(filepath.Dir(interpreter))
	if !exists(filepath.Join(prefix, "pyvenv.cfg")) && !exists(filepath.Join(prefix, "conda-meta")) {
		return ""
	}
	libraries, err := filepath.Glob(filepath.Join(escapePattern(prefix), "lib", "python3*", "site-packages"))
	if err != nil || len(libraries) != 1 { // of two, only Python knows which it reads
		return ""
	}
	entries, err := os.ReadDir(libraries[0])
	if err != nil || !exists(filepath.Join(libraries[0], "metaflow", "__init__.py")) {
		return ""
	}
	found := ""
	for _, e := range entries {
		version, ok := strings.CutPrefix(e.Name(), "metaflow-")
		version, info := strings.CutSuffix(version, ".dist-info")
		if !ok || !info {
			continue
		}
		if found != "" || version == "" { // left over from an update
			return ""
		}
		found = version
	}
	return found
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func escapePattern(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
