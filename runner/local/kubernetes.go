package local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Kubernetes says that the tasks of a run go to a cluster, and to which.
type Kubernetes struct {
	// Kubeconfig and Context are the user's settings; empty: what Metaflow takes by itself.
	Kubeconfig string `json:"kubeconfig,omitempty"`
	Context    string `json:"context,omitempty"`
	// Env is the value of KUBECONFIG that says both, "" to leave it as it is.
	Env string `json:"env,omitempty"`
}

// OneStep: a run of this kind has one task of one step.
func (k Kind) OneStep() bool { return k == Spin || k == RemoteSpin }

// Kubernetes points a run to a cluster. A context is chosen by a small
// kubeconfig of ours with nothing else in it: in a merged kubeconfig kubectl
// takes the first current-context and the Python client the last, so it stands
// at both ends. The user's own file is neither read nor written.
func (g *Registry) Kubernetes(kubeconfig, context string, getenv func(string) string) (*Kubernetes, error) {
	k := &Kubernetes{Kubeconfig: kubeconfig, Context: context}
	switch {
	case kubeconfig != "" && !filepath.IsAbs(kubeconfig):
		return nil, fmt.Errorf("the kubeconfig %q is not an absolute path", kubeconfig)
	case !plain(kubeconfig + context):
		return nil, errors.New("the name of a kubeconfig and of its context is one line of text")
	case kubeconfig != "":
		if _, err := os.Stat(kubeconfig); err != nil {
			return nil, fmt.Errorf("the kubeconfig of the settings cannot be used: %w", err)
		}
	}
	k.Env = kubeconfig
	if context == "" {
		return k, nil
	}
	own, err := g.writeContext(context)
	if err != nil {
		return nil, err
	}
	of := kubeconfig
	if of == "" {
		of = getenv("KUBECONFIG")
	}
	if of == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		of = filepath.Join(home, ".kube", "config")
	}
	k.Env = strings.Join([]string{own, of, own}, string(os.PathListSeparator))
	return k, nil
}

func (g *Registry) writeContext(context string) (string, error) {
	name, err := json.Marshal(context)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(name)
	path := filepath.Join(filepath.Dir(g.Dir), "contexts", hex.EncodeToString(sum[:6])+".yaml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	text := "apiVersion: v1\nkind: Config\ncurrent-context: " + string(name) + "\n"
	return path, os.WriteFile(path, []byte(text), 0o600)
}

const kubernetesDecorator = "kubernetes"

// decorators are those of --with. A step that has @kubernetes keeps its own:
// Metaflow adds a decorator only where there is none of its name.
func (s Spec) decorators() []string {
	if s.Kubernetes == nil || slices.ContainsFunc(s.With, isKubernetes) {
		return s.With
	}
	return append(slices.Clone(s.With), kubernetesDecorator)
}

func isKubernetes(decorator string) bool {
	name, _, _ := strings.Cut(decorator, ":")
	return name == kubernetesDecorator
}
