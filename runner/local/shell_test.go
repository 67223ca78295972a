package local

import (
	"strings"
	"testing"
)

// The command that installs Metaflow can be pasted, whatever the path.
func TestInstallCommandCanBePasted(t *testing.T) {
	for interpreter, want := range map[string]string{
		"/opt/v/bin/python":       "/opt/v/bin/python -m pip install metaflow",
		"/home/a b/.venv/bin/py":  "'/home/a b/.venv/bin/py' -m pip install metaflow",
		"/home/o'neil/ü/bin/py3$": `'/home/o'\''neil/ü/bin/py3$' -m pip install metaflow`,
	} {
		err := &NoMetaflowError{interpreter, "No module named 'metaflow'"}
		if got := err.Error(); !strings.HasSuffix(got, ": "+want) {
			t.Errorf("%s", got)
		}
	}
}
