package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flowls/runner/preflight"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Inventory lists what preflight.Check compares with. What may not be listed stays
// nil and is named in the error; the rest is good.
func (c *Client) Inventory(ctx context.Context, namespaces []string) (*preflight.Inventory, error) {
	have := &preflight.Inventory{In: map[string]preflight.Namespace{}}
	var errs []error
	add := func(err error) { errs = append(errs, err) }
	all, err := c.list(ctx, "namespaces", "", "namespaces")
	if err != nil && !answered(err) {
		return nil, unreachable(err)
	}
	add(err)
	have.Namespaces = all
	daemons, err := every[appsv1.DaemonSet](ctx, "daemon sets", typed[appsv1.DaemonSet, appsv1.DaemonSetList](c.apps, "daemonsets", v1.NamespaceAll).List, func(l *appsv1.DaemonSetList) []appsv1.DaemonSet { return l.Items })
	add(err)
	nodes, err := every[corev1.Node](ctx, "nodes", typed[corev1.Node, corev1.NodeList](c.core, "nodes", "").List, func(l *corev1.NodeList) []corev1.Node { return l.Items })
	add(err)
	addNodes(have, pointers(nodes), pointers(daemons))
	for _, name := range namespaces {
		missing := all != nil && !slices.Contains(all, name)
		if all == nil { // one that may not list all may know of one
			_, err := typed[corev1.Namespace, corev1.NamespaceList](c.core, "namespaces", "").Get(ctx, name, v1.GetOptions{})
			missing = apierrors.IsNotFound(err)
		}
		in := preflight.Namespace{Missing: missing}
		if !missing {
			in, err = c.namespace(ctx, name)
			add(err)
		}
		have.In[name] = in
	}
	return have, errors.Join(errs...)
}

// namespace lists what is in one.
func (c *Client) namespace(ctx context.Context, name string) (in preflight.Namespace, err error) {
	var errs [5]error
	quotas, err := every[corev1.ResourceQuota](ctx, "resource quotas", typed[corev1.ResourceQuota, corev1.ResourceQuotaList](c.core, "resourcequotas", name).List, func(l *corev1.ResourceQuotaList) []corev1.ResourceQuota { return l.Items })
	errs[0] = err
	in.Quotas = quotasOf(pointers(quotas))
	ranges, err := every[corev1.LimitRange](ctx, "limit ranges", typed[corev1.LimitRange, corev1.LimitRangeList](c.core, "limitranges", name).List, func(l *corev1.LimitRangeList) []corev1.LimitRange { return l.Items })
	errs[1] = err
	in.LimitRanges = rangesOf(pointers(ranges))
	in.Accounts, errs[2] = c.list(ctx, "serviceaccounts", name, "service accounts")
	in.Claims, errs[3] = c.list(ctx, "persistentvolumeclaims", name, "persistent volume claims")
	in.Secrets, errs[4] = c.list(ctx, "secrets", name, "secrets")
	return in, errors.Join(errs[:]...)
}

// list is the names of objects, without what is in them: of secrets nobody reads that.
func (c *Client) list(ctx context.Context, resource, namespace, what string) ([]string, error) {
	of := c.names.Resource(corev1.SchemeGroupVersion.WithResource(resource)).Namespace(namespace)
	items, err := every[v1.PartialObjectMetadata](ctx, what, of.List, func(l *v1.PartialObjectMetadataList) []v1.PartialObjectMetadata { return l.Items })
	if err != nil {
		return nil, err
	}
	names := []string{}
	for i := range items {
		names = append(names, items[i].Name)
	}
	return names, nil
}

const (
	pageSize = 500
	maxPages = 20
)

// every lists page by page. A list that is longer than anybody's is an error:
// half of one would make names out to be missing.
func every[T any, L runtime.Object](ctx context.Context, what string, list func(context.Context, v1.ListOptions) (L, error), items func(L) []T) ([]T, error) {
	all := []T{}
	options := v1.ListOptions{Limit: pageSize}
	for range maxPages {
		page, err := list(ctx, options)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be listed: %w", what, err)
		}
		all = append(all, items(page)...)
		meta, ok := any(page).(v1.ListMetaAccessor)
		if !ok || meta.GetListMeta().GetContinue() == "" {
			return all, nil
		}
		options.Continue = meta.GetListMeta().GetContinue()
	}
	return nil, fmt.Errorf("%s cannot be listed: there are more than %d", what, pageSize*maxPages)
}

func pointers[T any](items []T) []*T {
	all := make([]*T, len(items))
	for i := range items {
		all[i] = &items[i]
	}
	return all
}

func addNodes(have *preflight.Inventory, nodes []*corev1.Node, daemons []*appsv1.DaemonSet) {
	for _, n := range nodes {
		have.Nodes = append(have.Nodes, nodeOf(n, daemons))
		have.Grows = have.Grows || grows(n)
	}
}

func quotasOf(all []*corev1.ResourceQuota) (quotas []preflight.Quota) {
	for _, q := range all {
		if counts(q) {
			quotas = append(quotas, preflight.Quota{Name: q.Name, Hard: amounts(q.Spec.Hard)})
		}
	}
	return quotas
}

func rangesOf(all []*corev1.LimitRange) (ranges []preflight.LimitRange) {
	for _, r := range all {
		ranges = append(ranges, limitRanges(r)...)
	}
	return ranges
}

// nodeOf is a node with what it can give when nothing but its daemons runs there.
func nodeOf(node *corev1.Node, daemons []*appsv1.DaemonSet) preflight.Node {
	n := preflight.Node{Name: node.Name, Labels: node.Labels, Closed: node.Spec.Unschedulable, Free: amounts(node.Status.Allocatable)}
	for _, t := range node.Spec.Taints {
		n.Taints = append(n.Taints, preflight.Taint{Key: t.Key, Value: t.Value, Effect: string(t.Effect)})
	}
	for _, d := range daemons {
		if pod := &d.Spec.Template.Spec; stays(pod, &n) {
			for _, container := range pod.Containers {
				for name, taken := range amounts(container.Resources.Requests) {
					n.Free[name] -= taken
				}
			}
		}
	}
	return n
}

// stays: a daemon that surely runs on the node, and that no task pushes out.
func stays(pod *corev1.PodSpec, node *preflight.Node) bool {
	if pod.Affinity != nil || pod.PriorityClassName != "" && !strings.HasPrefix(pod.PriorityClassName, "system-") {
		return false
	}
	for key, value := range pod.NodeSelector {
		if have, ok := node.Labels[key]; !ok || have != value {
			return false
		}
	}
	var tolerations []preflight.Toleration
	for _, t := range pod.Tolerations {
		tolerations = append(tolerations, preflight.Toleration{Key: t.Key, Operator: string(t.Operator), Value: t.Value, Effect: string(t.Effect)})
	}
	return preflight.Refusing(node.Taints, tolerations) == nil
}

// growing are labels of nodes that something adds and removes as they are needed:
// node pools of clouds, whose bounds nobody sees from inside, and autoscalers.
var growing = []string{
	"karpenter.sh/nodepool", "karpenter.sh/provisioner-name", "eks.amazonaws.com/nodegroup", "eks.amazonaws.com/compute-type",
	"alpha.eksctl.io/nodegroup-name", "cloud.google.com/gke-nodepool", "kubernetes.azure.com/agentpool", "kubernetes.azure.com/cluster",
	"node.openshift.io/os_id", "doks.digitalocean.com/node-pool", "k8s.scaleway.com/pool-name", "oke.oraclecloud.com/pool",
	"ibm-cloud.kubernetes.io/worker-pool-id", "alibabacloud.com/nodepool-id", "kops.k8s.io/instancegroup", "lke.linode.com/pool-id",
}

func grows(node *corev1.Node) bool {
	for _, label := range growing {
		if _, ok := node.Labels[label]; ok {
			return true
		}
	}
	for key := range node.Annotations {
		if growingKey(key) {
			return true
		}
	}
	return node.Labels["type"] == "virtual-kubelet"
}

// growingKey: an annotation of such nodes.
func growingKey(key string) bool {
	return strings.HasPrefix(key, "cluster.x-k8s.io/") || strings.HasPrefix(key, "cluster-autoscaler.kubernetes.io/") || key == "machine.openshift.io/machine"
}

// counts: pods of Metaflow have a deadline and ask for something.
func counts(q *corev1.ResourceQuota) bool {
	for _, scope := range q.Spec.Scopes {
		if scope != corev1.ResourceQuotaScopeTerminating && scope != corev1.ResourceQuotaScopeNotBestEffort {
			return false
		}
	}
	return q.Spec.ScopeSelector == nil
}

func limitRanges(r *corev1.LimitRange) []preflight.LimitRange {
	var all []preflight.LimitRange
	for _, item := range r.Spec.Limits {
		if item.Type != corev1.LimitTypeContainer && item.Type != corev1.LimitTypePod {
			continue
		}
		all = append(all, preflight.LimitRange{
			Name: r.Name, Pod: item.Type == corev1.LimitTypePod, Default: amounts(item.Default), DefaultRequest: amounts(item.DefaultRequest),
			Min: amounts(item.Min), Max: amounts(item.Max), MaxRatio: amounts(item.MaxLimitRequestRatio),
		})
	}
	return all
}

func amounts(list corev1.ResourceList) preflight.Amounts {
	all := preflight.Amounts{}
	for name, q := range list {
		all[string(name)] = amountOf(q)
	}
	return all
}

// amountOf: what is too much for thousandths is too much for anything.
func amountOf(q resource.Quantity) preflight.Amount {
	if units := q.Value(); units > 1<<53 {
		return preflight.Units(units)
	}
	return preflight.Amount(q.MilliValue())
}
