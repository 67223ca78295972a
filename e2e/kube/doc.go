// Package kube tests flows on a real Kubernetes cluster with a real S3: on the
// one-node cluster of e2e/kube/cluster, or on any that the environment names.
// `make e2e-kube` runs it.
package kube
