// Package kube follows Metaflow's tasks on Kubernetes: what their jobs, pods and
// events say, joined into one state per task; and it lists what a cluster has, and asks
// it what it would say to a task, for package preflight. It is the only package that imports
// client-go, and nothing of it reads a kubeconfig or opens a connection before
// somebody calls Connect.
package kube
