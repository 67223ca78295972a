package catalog

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"flowls/internal/venv"
)

// The tables that tools/gentables makes from downloads must be what it made of
// the committed lists: neither may change without the other.
func TestTablesAreNotStale(t *testing.T) {
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	head := regexp.MustCompile(`(?m)^# Written by tools/gentables from (\S+) \(([0-9a-f]{16})\), on Python 3\.\d+; the rest is ([0-9a-f]{16})\.\n`)
	digest := func(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b))[:16] }
	for table, list := range map[string]string{"analysis/catalog/packages.txt": "packages.list", "analysis/rule/zones.txt": "zones.list"} {
		made, err := os.ReadFile(filepath.Join(root, table))
		if err != nil {
			t.Fatal(err)
		}
		source, err := os.ReadFile(filepath.Join(root, "tools", "gentables", list))
		if err != nil {
			t.Fatal(err)
		}
		found := head.FindSubmatchIndex(made)
		if found == nil || !bytes.Equal(made[found[2]:found[3]], []byte(list)) {
			t.Errorf("%s does not say what it was made from", table)
			continue
		}
		if digest(source) != string(made[found[4]:found[5]]) {
			t.Errorf("%s is stale: %s has changed since; run tools/gentables/gentables.py", table, list)
		}
		if digest(made[found[1]:]) != string(made[found[6]:found[7]]) {
			t.Errorf("%s was changed by hand: change %s and run tools/gentables/gentables.py", table, list)
		}
	}
}
