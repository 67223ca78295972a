package runstate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Parameters are the values that the run got: its Parameters, Configs and the
// constants of the class, by name. ErrNoData if it never got that far.
func (r *Reader) Parameters(run *Run) ([]Artifact, error) {
	// The task is 0 on this machine; schedulers elsewhere number as they like.
	dir := filepath.Join(r.Root, run.Flow, run.ID, "_parameters")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, ErrNoData
	}
	i := slices.IndexFunc(entries, func(e os.DirEntry) bool { return e.IsDir() && e.Name() != "_meta" })
	if i < 0 {
		return nil, ErrNoData
	}
	data, err := readData(filepath.Join(dir, entries[i].Name(), "0.data.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoData
	}
	if err != nil {
		return nil, err
	}
	var all []Artifact
	for name, sha := range data.Objects {
		if internal(name) {
			continue
		}
		info := data.Info[name]
		all = append(all, Artifact{
			Name: name, Type: className(info.Type), Size: info.Size, SHA: sha,
			Encoding: info.Encoding, Source: info.Serializer.Source, Changed: true,
		})
	}
	slices.SortFunc(all, func(a, b Artifact) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}
