package catalog

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
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
	generated := readGenerated(t)
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

// The Go values are what the JSON says.
func TestTableIsNotStale(t *testing.T) {
	want := new(Catalog)
	if err := json.Unmarshal(readGenerated(t), want); err != nil {
		t.Fatal(err)
	}
	want.complete()
	if !reflect.DeepEqual(Default(), want) {
		t.Error("table.go is stale: run `go generate ./analysis/catalog`")
	}
}

func readGenerated(t *testing.T) []byte {
	data, err := os.ReadFile("catalog.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}
