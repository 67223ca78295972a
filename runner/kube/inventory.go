package kube

import (
	"context"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Inventory lists what Preflight compares with. What may not be listed stays nil
// and is named in the error; the rest is good.
func (c *Client) Inventory(ctx context.Context, namespace string) (Inventory, error) {
	var have Inventory
	var errs []error
	listed := func(what string, err error) bool {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s cannot be listed: %w", what, err))
		}
		return err == nil
	}
	if list, err := typed[corev1.Node, corev1.NodeList](c.core, "nodes", v1.NamespaceAll).List(ctx, v1.ListOptions{}); listed("nodes", err) {
		have.Nodes = list.Items
	}
	if list, err := typed[appsv1.DaemonSet, appsv1.DaemonSetList](c.apps, "daemonsets", v1.NamespaceAll).List(ctx, v1.ListOptions{}); listed("daemon sets", err) {
		have.DaemonSets = list.Items
	}
	if list, err := typed[corev1.ResourceQuota, corev1.ResourceQuotaList](c.core, "resourcequotas", namespace).List(ctx, v1.ListOptions{}); listed("resource quotas", err) {
		have.Quotas = list.Items
	}
	if list, err := typed[corev1.LimitRange, corev1.LimitRangeList](c.core, "limitranges", namespace).List(ctx, v1.ListOptions{}); listed("limit ranges", err) {
		have.LimitRanges = list.Items
	}
	if list, err := typed[corev1.ServiceAccount, corev1.ServiceAccountList](c.core, "serviceaccounts", namespace).List(ctx, v1.ListOptions{}); listed("service accounts", err) {
		have.Accounts = []string{}
		for _, account := range list.Items {
			have.Accounts = append(have.Accounts, account.Name)
		}
	}
	if list, err := typed[corev1.PersistentVolumeClaim, corev1.PersistentVolumeClaimList](c.core, "persistentvolumeclaims", namespace).List(ctx, v1.ListOptions{}); listed("persistent volume claims", err) {
		have.Claims = []string{}
		for _, claim := range list.Items {
			have.Claims = append(have.Claims, claim.Name)
		}
	}
	names, err := c.secretNames(ctx, namespace)
	if listed("secrets", err) {
		have.Secrets = names
	}
	return have, errors.Join(errs...)
}

// secretNames never reads what is in a secret.
func (c *Client) secretNames(ctx context.Context, namespace string) ([]string, error) {
	list, err := c.names.Resource(corev1.SchemeGroupVersion.WithResource("secrets")).Namespace(namespace).List(ctx, v1.ListOptions{})
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, secret := range list.Items {
		names = append(names, secret.Name)
	}
	return names, nil
}
