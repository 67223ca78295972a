package runstate

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Metadatum is something that Metaflow recorded about a task: its attempt, its
// host, the pod that it ran in.
type Metadatum struct {
	Name    string
	Type    string
	Value   string // JSON if it is no string
	Attempt int    // -1 if it names none
	At      time.Time
}

// Metadata are all metadata of a task, by time. Those of a cloned task's origin
// are not among them.
func (r *Reader) Metadata(t *Task) ([]Metadatum, error) {
	entries, err := os.ReadDir(filepath.Join(t.dir, "_meta"))
	if err != nil {
		return nil, err
	}
	var all []Metadatum
	for _, e := range entries {
		if _, ok := sysmeta(e.Name()); !ok {
			continue
		}
		m, err := readMetadatum(t.dir, e.Name())
		if err != nil {
			continue // a damaged record costs itself
		}
		all = append(all, m.public())
	}
	sortMetadata(all)
	return all, nil
}

func (m metadatum) public() Metadatum {
	return Metadatum{Name: m.Field, Type: m.Type, Value: m.text(), Attempt: m.attempt(), At: epoch(m.Epoch)}
}

func sortMetadata(all []Metadatum) {
	slices.SortStableFunc(all, func(a, b Metadatum) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Name, b.Name))
	})
}
