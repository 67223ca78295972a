package catalog

import (
	"bytes"
	"path/filepath"
	"testing"

	"flowls/internal/venv"
)

// The committed catalogue must be what the installed Metaflow yields.
func TestCatalogIsNotStale(t *testing.T) {
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	want, err := venv.Output(filepath.Join(root, "tools", "gencatalog", "gencatalog.py"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(want, generated) {
		return
	}
	got, now := bytes.Split(generated, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(got), len(now)) {
		if !bytes.Equal(got[i], now[i]) {
			t.Errorf("line %d\ncommitted: %s\ninstalled: %s", i+1, got[i], now[i])
		}
	}
	t.Error("catalog.json is stale: run `go generate ./analysis/catalog`")
}
