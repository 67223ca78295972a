package local

import (
	"errors"
	"os"
	"path/filepath"
)

const podsFile = "kubernetes.json"

// Pod is what everybody needs of what is kept of a task on Kubernetes.
type Pod struct {
	Phase   string `json:"phase"` // see runner/kube.Phase
	Message string `json:"message"`
}

// KeepPods keeps with a run what went wrong with its tasks on Kubernetes, by step
// and task: the cluster forgets. pods has at least the members of Pod.
func (g *Registry) KeepPods(id string, pods any) error {
	r, err := g.Get(id)
	if err != nil {
		return err
	}
	return writeJSON(filepath.Join(r.folder, podsFile), pods)
}

// Pods reads it into pods, a map of maps, which stays as it is if nothing was kept.
func (r *Record) Pods(pods any) error {
	err := readJSON(filepath.Join(r.folder, podsFile), pods)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
