package kube

import (
	"context"
	"regexp"
	"strings"
	"sync"

	"flowls/runner/preflight"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DryRun has the API server judge the job that Metaflow would make, and the pod
// that the job would make, without making them: the server's own validation,
// Pod Security, and whatever rules the cluster has added. "" means that nothing
// speaks against it, or that the cluster does not say.
// Steps that run in parallel are tried as the JobSet that Metaflow makes of them.
func (c *Client) DryRun(ctx context.Context, r *preflight.Request, sets JobSets) (refusal string, err error) {
	job := jobFor(r)
	dry := v1.CreateOptions{DryRun: []string{v1.DryRunAll}}
	if r.Parallel {
		err = c.tryJobSet(ctx, sets, job)
	} else {
		_, err = typed[batchv1.Job, batchv1.JobList](c.batch, "jobs", r.Namespace).Create(ctx, job, dry)
	}
	if said := refusalOf(err); said != "" {
		return said, nil
	} else if err != nil && !answered(err) {
		return "", err
	}
	// Who may make jobs need not be allowed to make pods: the job's controller makes them.
	may, err := c.may(ctx, r.Namespace, Permission{Verb: "create", Resource: "pods"})
	if err != nil || !may {
		return "", err
	}
	pod := &corev1.Pod{ObjectMeta: job.ObjectMeta, Spec: job.Spec.Template.Spec}
	_, err = typed[corev1.Pod, corev1.PodList](c.core, "pods", r.Namespace).Create(ctx, pod, dry)
	if said := refusalOf(err); said != "" || err == nil || answered(err) {
		return said, nil
	}
	return "", err
}

// objectName begins what the API server says: `pods "flowls-preflight-x" is forbidden: `.
var objectName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[Pp]ods?|jobs\.batch|Job\.batch|[Jj]obs?|(?:jobsets|JobSet)\.[\w.-]+) "[^"]*" is (?:forbidden|invalid): `)
})

// refusalOf is what an answer says about the object itself. What is used up now
// may come back, and a rule that cannot be tried says nothing.
func refusalOf(err error) string {
	if err == nil || !answered(err) {
		return ""
	}
	said := err.Error()
	// A rule of the cluster's own may choose any code.
	if !apierrors.IsForbidden(err) && !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err) && !strings.Contains(said, "denied the request") {
		return ""
	}
	for _, nothing := range []string{"exceeded quota", "cannot create resource", "does not support dry run", "dry run", "failed calling webhook", "no endpoints available"} {
		if strings.Contains(said, nothing) {
			return ""
		}
	}
	return objectName().ReplaceAllString(said, "")
}
