package kube

import (
	"context"
	"fmt"
	"slices"

	authorizationv1 "k8s.io/api/authorization/v1"
)

// Permission is something that the user may have to be allowed in a namespace.
type Permission struct {
	Verb, Group, Resource, Subresource string
	// Needed says what does not work without it.
	Needed string
	// Launch: Metaflow itself cannot run a task without it.
	Launch bool
}

func (p Permission) String() string {
	name := p.Resource
	if p.Subresource != "" {
		name += "/" + p.Subresource
	}
	return p.Verb + " " + name
}

// permissions are what Metaflow and flowls do, least permissions last; with a group
// of JobSet those for it too.
func permissions(jobSetGroup string) []Permission {
	all := []Permission{
		{"create", "batch", "jobs", "", "Metaflow makes a job of each task", true},
		{"get", "batch", "jobs", "", "Metaflow follows its jobs", true},
		{"list", "", "pods", "", "Metaflow follows the pods of its jobs", true},
		{"patch", "batch", "jobs", "", "Metaflow stops its jobs", false},
		{"list", "batch", "jobs", "", "flowls follows the jobs of a run", false},
		{"watch", "batch", "jobs", "", "flowls follows the jobs of a run", false},
		{"watch", "", "pods", "", "flowls follows the pods of a run", false},
		{"list", "", "events", "", "flowls tells why a pod does not start", false},
		{"watch", "", "events", "", "flowls tells why a pod does not start", false},
		{"get", "", "pods", "", "flowls shows what a pod prints", false},
		{"get", "", "pods", "log", "flowls shows what a pod prints", false},
		{"delete", "batch", "jobs", "", "flowls stops runs and cleans up", false},
	}
	if jobSetGroup != "" {
		all = append(all, Permission{"create", jobSetGroup, "jobsets", "", "Metaflow makes a job set of a step with `@parallel`", true},
			Permission{"get", jobSetGroup, "jobsets", "", "Metaflow follows its job sets", true})
	}
	return all
}

// Denied lists what the user may not do in a namespace. One review tells all;
// where it does not, each is asked for: not every cluster can list its rules.
func (c *Client) Denied(ctx context.Context, namespace, jobSetGroup string) ([]Permission, error) {
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
	err := c.authorization.Post().Resource("selfsubjectrulesreviews").Body(review).Do(ctx).Into(review)
	if err != nil {
		return nil, fmt.Errorf("permissions cannot be asked for: %w", err)
	}
	var denied []Permission
	for _, p := range permissions(jobSetGroup) {
		if allowed(review.Status.ResourceRules, p) {
			continue
		}
		may, err := c.may(ctx, namespace, p)
		if err != nil {
			return denied, err
		}
		if !may {
			denied = append(denied, p)
		}
	}
	return denied, nil
}

func allowed(rules []authorizationv1.ResourceRule, p Permission) bool {
	resource := p.Resource
	if p.Subresource != "" {
		resource += "/" + p.Subresource
	}
	has := func(list []string, names ...string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return s == "*" || slices.Contains(names, s) })
	}
	return slices.ContainsFunc(rules, func(r authorizationv1.ResourceRule) bool {
		return len(r.ResourceNames) == 0 && has(r.Verbs, p.Verb) && has(r.APIGroups, p.Group) && has(r.Resources, resource)
	})
}

func (c *Client) may(ctx context.Context, namespace string, p Permission) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
		Namespace: namespace, Verb: p.Verb, Group: p.Group, Resource: p.Resource, Subresource: p.Subresource}}}
	if err := c.authorization.Post().Resource("selfsubjectaccessreviews").Body(review).Do(ctx).Into(review); err != nil {
		return false, fmt.Errorf("permissions cannot be asked for: %w", err)
	}
	return review.Status.Allowed, nil
}
