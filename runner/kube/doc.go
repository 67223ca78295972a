// Package kube follows Metaflow's tasks on Kubernetes: what their jobs, pods and
// events say, joined into one state per task; and it tells before the start what
// would keep a task from running. It is the only package that imports
// client-go, and nothing of it reads a kubeconfig or opens a connection before
// somebody calls Connect.
package kube
