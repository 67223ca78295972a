package local

import (
	"errors"
	"os"
	"path/filepath"
)

// Cluster is where the tasks of a run went, by the user's settings and Metaflow's
// of the moment of its start: whoever stops the run later looks there.
type Cluster struct {
	Kubeconfig string   `json:"kubeconfig,omitempty"`
	Context    string   `json:"context,omitempty"`
	Namespaces []string `json:"namespaces"`
}

const clusterFile = "cluster.json"

// KeepCluster keeps it with a run.
func (g *Registry) KeepCluster(id string, c Cluster) error {
	r, err := g.Get(id)
	if err != nil {
		return err
	}
	return writeJSON(filepath.Join(r.folder, clusterFile), c)
}

// Cluster is what was kept, nil for a run that has no tasks on a cluster.
func (r *Record) Cluster() (*Cluster, error) {
	var c Cluster
	err := readJSON(filepath.Join(r.folder, clusterFile), &c)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return &c, err
}

// Gone reports whether surely no process of the run is left that could own work
// on a cluster. Of a run that was lost with its machine, or on another machine
// that shares our home, nobody knows.
func (r *Record) Gone() bool {
	return r.Exit != nil || r.Status == Lost && r.sameBoot() && len(r.survivors()) == 0
}
