package kube

import (
	"context"
	"encoding/json"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// JobSets is the API with which Metaflow runs a step with @parallel. A cluster has
// it only if somebody has installed it.
type JobSets struct{ Group, Version string }

// JobSetsOf reads "group/version"; "" is what Metaflow takes by itself.
func JobSetsOf(s string) JobSets {
	group, version, _ := strings.Cut(s, "/")
	if group == "" {
		group = "jobset.x-k8s.io"
	}
	if version == "" {
		version = "v1alpha2"
	}
	return JobSets{group, version}
}

func (j JobSets) String() string { return j.Group + "/" + j.Version }

// HasJobSets reports whether the cluster serves the API. It is sure of a no only.
func (c *Client) HasJobSets(ctx context.Context, sets JobSets) (bool, error) {
	_, err := c.core.Get().AbsPath("/apis", sets.Group, sets.Version).DoRaw(ctx)
	switch {
	case apierrors.IsNotFound(err):
		return false, nil
	case err != nil && !answered(err):
		return true, err
	}
	return true, nil
}

// jobSetFor is the JobSet that Metaflow would make of a job that runs in parallel:
// one pod in control, the others at work.
func jobSetFor(sets JobSets, job *batchv1.Job) map[string]any {
	template := *job.Spec.Template.DeepCopy()
	template.Spec.SetHostnameAsFQDN, template.Spec.Subdomain = new(true), jobSetName
	spec := *job.Spec.DeepCopy()
	spec.Template = template
	replicated := func(name string) map[string]any {
		return map[string]any{"name": name, "replicas": 1, "template": batchv1.JobTemplateSpec{ObjectMeta: v1.ObjectMeta{Namespace: job.Namespace}, Spec: spec}}
	}
	return map[string]any{
		"apiVersion": sets.String(), "kind": "JobSet",
		"metadata": map[string]any{"name": jobSetName, "labels": job.Labels, "annotations": job.Annotations},
		"spec": map[string]any{
			"replicatedJobs": []any{replicated("control"), replicated("worker")}, "suspend": false,
			"startupPolicy": map[string]any{"startupPolicyOrder": "InOrder"},
		},
	}
}

// jobSetName is as long as Metaflow's: the names of its pods have little room.
const jobSetName = "js-flowls"

func (c *Client) tryJobSet(ctx context.Context, sets JobSets, job *batchv1.Job) error {
	body, err := json.Marshal(jobSetFor(sets, job))
	if err != nil {
		return err
	}
	return c.core.Post().AbsPath("/apis", sets.Group, sets.Version, "namespaces", job.Namespace, "jobsets").
		Param("dryRun", v1.DryRunAll).SetHeader("Content-Type", "application/json").Body(body).Do(ctx).Error()
}
