package server

import (
	"context"
	"slices"
	"strings"

	"flowls/analysis/graph"
	"flowls/internal/near"
	"flowls/runner/local"
	"flowls/runner/store"
)

// What keeps a flow from Kubernetes for sure is said before anything starts.

// otherBackends run steps elsewhere: a step has one place to run.
var otherBackends = []string{"batch"}

// fitsKubernetes refuses what Metaflow does.
func (t flowTarget) fitsKubernetes(o local.Options) error {
	for _, step := range t.view.File.Flows[t.index].Steps {
		for _, d := range step.Decorators {
			if d.FromMetaflow && slices.Contains(otherBackends, d.Name) {
				return launchError("step `%s` has `@%s`, and a step runs either there or on Kubernetes: remove the decorator, or run the flow without launching it", step.Name, d.Name)
			}
		}
	}
	for _, with := range o.With {
		if name, _, _ := strings.Cut(with, ":"); slices.Contains(otherBackends, name) {
			return launchError("`--with %s` and Kubernetes exclude each other: leave it out", with)
		}
	}
	if o.Profile != "" {
		if known := profiles(); !slices.Contains(known, o.Profile) {
			return launchError("Metaflow has no profile `%s` on this machine%s", o.Profile, near.DidYouMean(o.Profile, known))
		}
	}
	return nil
}

// runsAlone refuses a step that is several pods which talk to each other.
func (t flowTarget) runsAlone(step string) error {
	nodes := t.view.Graphs[t.index].List
	if i := slices.IndexFunc(nodes, func(n *graph.Node) bool { return n.Step.Name == step }); i >= 0 && nodes[i].ParallelStep {
		return launchError("step `%s` runs in parallel on several nodes, which cannot be done for it alone: resume from the step before it", step)
	}
	return nil
}

// setting of Metaflow as it is configured where the flow runs.
func (t flowTarget) setting(profile, name string) string { return settingIn(t.dir(), profile, name) }

func settingIn(dir, profile, name string) string {
	return store.Setting(dir, withProfile(profile), name)
}

// withProfile is the environment of a Metaflow that was given a profile.
func withProfile(profile string) func(string) string {
	return func(name string) string {
		if name == "METAFLOW_PROFILE" && profile != "" {
			return profile
		}
		return getenv(name)
	}
}

// canLaunch refuses what cannot work: without a data store that pods reach, or
// without the package that talks to Kubernetes. The files mostly tell; where
// they do not, Python is asked.
func (l *launcher) canLaunch(ctx context.Context, spec local.Spec) (local.Backend, error) {
	b, err := l.backend(ctx, spec)
	if err != nil {
		return b, launchError("%v", err)
	}
	return b, backendRefusal(b, spec.Interpreter)
}

// backend is what a flow would be launched with.
func (l *launcher) backend(ctx context.Context, spec local.Spec) (local.Backend, error) {
	setting := func(name string) string { return settingIn(spec.Dir, spec.Profile, name) }
	b := local.Backend{Store: setting("METAFLOW_DATASTORE"), Kubernetes: local.HasPackage(spec.Interpreter, "kubernetes")}
	if b.Store == "" {
		b.Store = setting("METAFLOW_DEFAULT_DATASTORE")
	}
	b.Root = setting("METAFLOW_DATASTORE_SYSROOT_" + strings.ToUpper(b.Store))
	if backendRefusal(b, spec.Interpreter) == nil {
		return b, nil
	}
	return local.AskBackend(ctx, spec.Interpreter, spec.Dir, spec.Profile)
}

// storeExamples are examples of places of the data stores that pods reach.
var storeExamples = map[string]string{"s3": "s3://bucket/folder", "azure": "container/folder", "gs": "gs://bucket/folder"}

func backendRefusal(b local.Backend, interpreter string) error {
	example, remote := storeExamples[b.Store]
	switch {
	case !remote:
		return launchError("Kubernetes needs a data store that its pods reach, and Metaflow keeps data in a local folder. Set `METAFLOW_DEFAULT_DATASTORE=s3` and `METAFLOW_DATASTORE_SYSROOT_S3=s3://bucket/folder` (or azure, gs), or run `metaflow configure aws`")
	case b.Root == "":
		return launchError("the data store of Metaflow is %s, and nothing says where: set `METAFLOW_DATASTORE_SYSROOT_%s=%s`", b.Store, strings.ToUpper(b.Store), example)
	case !b.Kubernetes:
		return launchError("%s has no package `kubernetes`, with which Metaflow launches. Install it with: %s", interpreter, local.ShellLine([]string{interpreter, "-m", "pip", "install", "kubernetes"}))
	}
	return nil
}
