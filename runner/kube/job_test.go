//go:build e2ekube || kubescale

package kube

import (
	"cmp"
	"os"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// metaflowJob is a job as Metaflow makes it.
func metaflowJob(name string) *batchv1.Job {
	labels := map[string]string{"app.kubernetes.io/name": "metaflow-task", "app.kubernetes.io/part-of": "metaflow"}
	annotations := map[string]string{
		"metaflow/flow_name": "TrainFlow", "metaflow/run_id": "1", "metaflow/step_name": "train",
		"metaflow/task_id": name, "metaflow/attempt": "0", "metaflow/user": "tester",
	}
	return &batchv1.Job{
		ObjectMeta: v1.ObjectMeta{GenerateName: "t-", Labels: labels, Annotations: annotations},
		Spec: batchv1.JobSpec{
			BackoffLimit: new(int32(0)), Completions: new(int32(1)), Parallelism: new(int32(1)),
			Template: corev1.PodTemplateSpec{
				ObjectMeta: v1.ObjectMeta{Labels: labels, Annotations: annotations},
				Spec: corev1.PodSpec{
					RestartPolicy: corev1.RestartPolicyNever, TerminationGracePeriodSeconds: new(int64(0)),
					Containers: []corev1.Container{{
						Name: "train", Image: taskImage(), Command: []string{"true"},
						TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
						Resources:                corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("50m"), "memory": resource.MustParse("32Mi")}},
					}},
				},
			},
		},
	}
}

// taskImage does not matter where nothing runs.
func taskImage() string {
	return cmp.Or(os.Getenv("METAFLOW_KUBERNETES_CONTAINER_IMAGE"), "localhost/task:1")
}
