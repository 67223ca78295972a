package kube

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// withLimitRanges does what the API server does to a container before it looks at
// quotas: defaults first, then bounds. It returns the limits that the pod gets.
func withLimitRanges(ranges []corev1.LimitRange, want *Request) (limits corev1.ResourceList, found []Finding) {
	limits = want.limits()
	want.Requests = want.Requests.DeepCopy()
	for _, r := range ranges {
		for _, item := range r.Spec.Limits {
			if item.Type != corev1.LimitTypeContainer {
				continue
			}
			for _, defaults := range []corev1.ResourceList{item.Default, item.Max} {
				for name, q := range defaults {
					if _, set := limits[name]; !set {
						limits[name] = q
					}
				}
			}
			for name, q := range item.DefaultRequest {
				if _, set := want.Requests[name]; !set {
					want.Requests[name] = q
				}
			}
			found = append(found, outOfRange(r.Name, item, want.Requests)...)
		}
	}
	if len(found) > 0 {
		return limits, found
	}
	for _, name := range slices.Sorted(maps.Keys(want.Requests)) {
		if limit, set := limits[name]; set && limit.Cmp(want.Requests[name]) < 0 {
			found = append(found, Finding{argumentOf(name), fmt.Sprintf("the namespace limits each container to %s, and it asks for %s", amount(name, limit), amount(name, want.Requests[name]))})
		}
	}
	return limits, found
}

func outOfRange(name string, item corev1.LimitRangeItem, want corev1.ResourceList) []Finding {
	var found []Finding
	for _, r := range slices.Sorted(maps.Keys(want)) {
		q := want[r]
		if limit, set := item.Max[r]; set && q.Cmp(limit) > 0 {
			found = append(found, Finding{argumentOf(r), fmt.Sprintf("the limit range `%s` of the namespace allows at most %s", name, amount(r, limit))})
		}
		if least, set := item.Min[r]; set && q.Cmp(least) < 0 {
			found = append(found, Finding{argumentOf(r), fmt.Sprintf("the limit range `%s` of the namespace asks for at least %s", name, amount(r, least))})
		}
	}
	return found
}

// overQuota finds what a quota can never allow. What is used up now may come back.
func overQuota(quotas []corev1.ResourceQuota, requests, limits corev1.ResourceList) []Finding {
	var found []Finding
	for _, quota := range quotas {
		if len(quota.Spec.Scopes) > 0 || quota.Spec.ScopeSelector != nil {
			continue // it may not be meant for these pods
		}
		for _, key := range slices.Sorted(maps.Keys(quota.Spec.Hard)) {
			hard := quota.Spec.Hard[key]
			name, of := quotaSubject(key)
			asked := requests
			if of == "limits" {
				asked = limits
			}
			if of == "" {
				if hard.IsZero() && (key == corev1.ResourcePods || key == "count/jobs.batch" || key == "count/pods") {
					found = append(found, Finding{"namespace", fmt.Sprintf("the quota `%s` of the namespace allows no %s", quota.Name, key)})
				}
				continue
			}
			found = append(found, overHard(quota.Name, key, name, of, hard, asked)...)
		}
	}
	return found
}

func overHard(quota string, key, name corev1.ResourceName, of string, hard resource.Quantity, asked corev1.ResourceList) []Finding {
	q, set := asked[name]
	switch {
	case !set && extended(name):
		return nil
	case !set:
		return []Finding{{argumentOf(name), fmt.Sprintf("the quota `%s` of the namespace takes only pods that set %s of %s", quota, of, name)}}
	case q.Cmp(hard) > 0:
		return []Finding{{argumentOf(name), fmt.Sprintf("the quota `%s` of the namespace allows %s of `%s` for all pods together, and it asks for %s", quota, amount(name, hard), key, amount(name, q))}}
	}
	return nil
}

// quotaSubject splits `requests.memory`; `memory` alone means the same.
func quotaSubject(key corev1.ResourceName) (name corev1.ResourceName, of string) {
	if rest, ok := strings.CutPrefix(string(key), "limits."); ok {
		return corev1.ResourceName(rest), "limits"
	}
	if rest, ok := strings.CutPrefix(string(key), "requests."); ok {
		if rest == "storage" {
			return "", ""
		}
		return corev1.ResourceName(rest), "requests"
	}
	switch key {
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return key, "requests"
	}
	return "", ""
}
