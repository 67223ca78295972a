package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Owner says whose work is meant; what is empty is not asked for.
type Owner struct {
	Flow, Run, User string
	// Since: what is older belongs to another run of the same id.
	Since time.Time
}

// clockSkew is how much the clock of the cluster may be behind ours.
const clockSkew = 10 * time.Minute

func (o Owner) owns(m v1.Object) bool {
	is := func(want, annotation string) bool { return want == "" || m.GetAnnotations()[annotation] == want }
	return is(o.Flow, "metaflow/flow_name") && is(o.Run, "metaflow/run_id") && is(o.User, "metaflow/user") &&
		m.GetAnnotations()["metaflow/run_id"] != "" &&
		(o.Since.IsZero() || !m.GetCreationTimestamp().Time.Before(o.Since.Add(-clockSkew)))
}

// Work is a job that Metaflow made for an attempt at a task, or the set of jobs
// that it made for a parallel step, and that has not finished.
type Work struct {
	Kind            string // Job or JobSet
	Namespace, Name string
	UID             types.UID
	Flow, Run, Step string
	User            string
	Created         time.Time
}

// Pod is one that has not ended.
type Pod struct {
	Namespace, Name, Flow, Run string
}

// listPage bounds one answer of the API server: a job of Metaflow's is 10 KB.
const listPage = 500

// Unfinished lists the work of an owner that would go on or take up room for
// ever: Metaflow lets a job that it stopped stand without pods, and no limit of
// time removes that one.
func (c *Client) Unfinished(ctx context.Context, namespace string, of Owner) ([]Work, error) {
	var found []Work
	options := v1.ListOptions{LabelSelector: selector, Limit: listPage}
	for {
		list, err := typed[batchv1.Job, batchv1.JobList](c.batch, "jobs", namespace).List(ctx, options)
		if err != nil {
			return nil, fmt.Errorf("jobs of namespace `%s` cannot be listed: %w", namespace, err)
		}
		for i := range list.Items {
			job := &list.Items[i]
			// What something else controls would be made again.
			if of.owns(job) && !finished(job.Status.Conditions) && v1.GetControllerOf(job) == nil {
				found = append(found, workOf("Job", job))
			}
		}
		if options.Continue = list.Continue; options.Continue == "" {
			break
		}
	}
	sets, err := c.unfinishedSets(ctx, namespace, of)
	return append(found, sets...), err
}

func finished(conditions []batchv1.JobCondition) bool {
	return slices.ContainsFunc(conditions, func(c batchv1.JobCondition) bool {
		return (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue
	})
}

func workOf(kind string, m v1.Object) Work {
	a := m.GetAnnotations()
	return Work{
		Kind: kind, Namespace: m.GetNamespace(), Name: m.GetName(), UID: m.GetUID(), Created: m.GetCreationTimestamp().Time,
		Flow: a["metaflow/flow_name"], Run: a["metaflow/run_id"], Step: a["metaflow/step_name"], User: a["metaflow/user"],
	}
}

// jobSets is where the sets of parallel steps are, on clusters that know them.
const jobSets = "/apis/jobset.x-k8s.io/v1alpha2/namespaces/%s/jobsets"

// unfinishedSets finds none where the cluster does not know sets, or does not
// tell: what runs of them is seen by its pods.
func (c *Client) unfinishedSets(ctx context.Context, namespace string, of Owner) ([]Work, error) {
	raw, err := c.core.Get().AbsPath(fmt.Sprintf(jobSets, namespace)).Param("labelSelector", selector).Do(ctx).Raw()
	if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		return nil, nil
	}
	var list struct {
		Items []struct {
			v1.ObjectMeta `json:"metadata"`
			Status        struct{ Conditions []v1.Condition }
		}
	}
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("sets of jobs in namespace `%s` cannot be listed: %w", namespace, err)
	}
	var found []Work
	for i := range list.Items {
		set := &list.Items[i]
		over := slices.ContainsFunc(set.Status.Conditions, func(c v1.Condition) bool {
			return (c.Type == "Completed" || c.Type == "Failed") && c.Status == v1.ConditionTrue
		})
		if of.owns(&set.ObjectMeta) && !over {
			found = append(found, workOf("JobSet", &set.ObjectMeta))
		}
	}
	return found, nil
}

// LivePods lists the pods of an owner that have not ended, those that are being
// ended included. It reads no more than their names and annotations.
func (c *Client) LivePods(ctx context.Context, namespace string, of Owner) ([]Pod, error) {
	var found []Pod
	options := v1.ListOptions{LabelSelector: selector, FieldSelector: "status.phase!=Succeeded,status.phase!=Failed", Limit: listPage}
	for {
		list, err := c.names.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace(namespace).List(ctx, options)
		if err != nil {
			return nil, fmt.Errorf("pods of namespace `%s` cannot be listed: %w", namespace, err)
		}
		for i := range list.Items {
			if pod := &list.Items[i]; of.owns(pod) {
				found = append(found, Pod{pod.Namespace, pod.Name, pod.Annotations["metaflow/flow_name"], pod.Annotations["metaflow/run_id"]})
			}
		}
		if options.Continue = list.Continue; options.Continue == "" {
			return found, nil
		}
	}
}
