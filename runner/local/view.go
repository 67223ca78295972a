package local

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// maxViews is how many views are kept.
const maxViews = 100

// KeepView stores a text that was made for the user to look at, beside the runs,
// and gives its path. Of too many the oldest go.
func (g *Registry) KeepView(name string, data []byte) (string, error) {
	dir := filepath.Join(filepath.Dir(g.Dir), "views")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	if err := replace(path, data); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) <= maxViews {
		return path, nil
	}
	type aged struct {
		path string
		at   time.Time
	}
	var all []aged
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			all = append(all, aged{filepath.Join(dir, e.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b aged) int { return cmp.Compare(b.at.UnixNano(), a.at.UnixNano()) })
	for _, old := range all[min(len(all), maxViews):] {
		_ = os.Remove(old.path) // another server may have been faster
	}
	return path, nil
}

// replace writes a file so that a reader sees the old or the new content.
func replace(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".view-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		_ = f.Close()
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
