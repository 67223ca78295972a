package local

import (
	"errors"
	"os"
	"path/filepath"
)

const podsFile = "kubernetes.json"

// KeepPods keeps with a run what the cluster said of its tasks: the cluster forgets.
func (g *Registry) KeepPods(id string, pods any) error {
	r, err := g.Get(id)
	if err != nil {
		return err
	}
	return writeJSON(filepath.Join(r.folder, podsFile), pods)
}

// Pods reads it into pods, which stays as it is if nothing was kept.
func (r *Record) Pods(pods any) error {
	err := readJSON(filepath.Join(r.folder, podsFile), pods)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
