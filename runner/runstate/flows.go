package runstate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Flows are the flows that have run below the root, by name.
func (r *Reader) Flows() ([]string, error) {
	entries, err := os.ReadDir(r.Root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var flows []string
	for _, e := range entries {
		if !e.IsDir() || !flowPattern().MatchString(e.Name()) {
			continue
		}
		if _, err := os.Stat(filepath.Join(r.Root, e.Name(), "_meta", "_self.json")); err == nil {
			flows = append(flows, e.Name())
		}
	}
	return flows, nil
}
