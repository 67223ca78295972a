// Package preflight tells before the start what would keep a step from running
// on Kubernetes: what it asks for, put together from its decorators as Metaflow
// does it, against what the cluster has. Plain values and pure functions: the
// language server asks it at every version of a file, and what the cluster has
// comes from the agent. runner/kube fills it in.
package preflight
