package kube

import (
	"fmt"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Request is what one step asks the cluster for: the arguments of its decorators,
// and the defaults of Metaflow's configuration, already merged.
type Request struct {
	// Requests are cpu, memory, ephemeral-storage and extended resources (GPUs).
	Requests corev1.ResourceList
	// Guaranteed is qos="guaranteed": the requests are limits as well.
	Guaranteed bool

	NodeSelector   map[string]string
	Tolerations    []corev1.Toleration
	ServiceAccount string // empty: default
	Secrets        []string
	Claims         []string // persistent volume claims
}

// limits are those that Metaflow sets: of everything where guaranteed, else of
// extended resources only, which cannot be shared.
func (r Request) limits() corev1.ResourceList {
	limits := corev1.ResourceList{}
	for name, amount := range r.Requests {
		if r.Guaranteed || extended(name) {
			limits[name] = amount
		}
	}
	return limits
}

func extended(name corev1.ResourceName) bool {
	return name != corev1.ResourceCPU && name != corev1.ResourceMemory && name != corev1.ResourceEphemeralStorage
}

// Inventory is what a namespace and its cluster hold. A part that could not be
// listed is nil: nothing is said about it.
type Inventory struct {
	Nodes       []corev1.Node
	DaemonSets  []appsv1.DaemonSet // of all namespaces
	Quotas      []corev1.ResourceQuota
	LimitRanges []corev1.LimitRange
	Secrets     []string
	Accounts    []string
	Claims      []string
}

// Finding is one reason why a step cannot run as things are, at the argument that
// asks for it.
type Finding struct {
	// Argument of the decorator: cpu, memory, disk, gpu, node_selector, tolerations,
	// service_account, secrets, persistent_volume_claims, namespace.
	Argument string
	Message  string
}

// Preflight tells what would keep a step from running. It finds nothing unless it
// is sure: nodes that are merely busy now will be free again.
func Preflight(have Inventory, want Request) []Finding {
	found := missingNames(have, want)
	limits, inRange := withLimitRanges(have.LimitRanges, &want)
	found = append(found, inRange...)
	found = append(found, overQuota(have.Quotas, want.Requests, limits)...)
	return append(found, noNode(have, want)...)
}

func missingNames(have Inventory, want Request) []Finding {
	var found []Finding
	missing := func(list, wanted []string, argument, what string) {
		for _, name := range wanted {
			if list != nil && name != "" && !slices.Contains(list, name) {
				found = append(found, Finding{argument, fmt.Sprintf("the namespace has no %s `%s`", what, name)})
			}
		}
	}
	missing(have.Accounts, []string{want.ServiceAccount}, "service_account", "service account")
	missing(have.Secrets, want.Secrets, "secrets", "secret")
	missing(have.Claims, want.Claims, "persistent_volume_claims", "persistent volume claim")
	return found
}

// argumentOf is the decorator's argument that asks for a resource.
func argumentOf(name corev1.ResourceName) string {
	switch name {
	case corev1.ResourceCPU, corev1.ResourceMemory:
		return string(name)
	case corev1.ResourceEphemeralStorage:
		return "disk"
	}
	return "gpu"
}

// amount writes a quantity as people ask for it.
func amount(name corev1.ResourceName, q resource.Quantity) string {
	switch name {
	case corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return bytes(q.Value())
	case corev1.ResourceCPU:
		return strconv.FormatFloat(q.AsApproximateFloat64(), 'f', -1, 64) + " CPU"
	}
	return fmt.Sprintf("%d `%s`", q.Value(), name)
}
