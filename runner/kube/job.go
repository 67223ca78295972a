package kube

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"flowls/runner/preflight"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// jobFor is the job that Metaflow would make of a request, apart from the command
// and the variables of the environment, at which rules of clusters do not look.
func jobFor(r *preflight.Request) *batchv1.Job {
	labels, annotations := map[string]string{}, map[string]string{}
	maps.Copy(labels, r.Labels)
	maps.Copy(annotations, r.Annotations)
	labels["app.kubernetes.io/name"], labels["app.kubernetes.io/part-of"] = "metaflow-task", "metaflow"
	for key, value := range map[string]string{"flow_name": "Preflight", "run_id": "0", "step_name": r.Step, "task_id": "0", "attempt": "0", "user": "flowls"} {
		annotations["metaflow/"+key] = value
	}
	meta := v1.ObjectMeta{GenerateName: "flowls-preflight-", Namespace: r.Namespace, Labels: labels, Annotations: annotations}
	return &batchv1.Job{
		ObjectMeta: meta,
		Spec: batchv1.JobSpec{
			BackoffLimit: new(int32(0)), Completions: new(int32(1)), Parallelism: new(int32(1)), TTLSecondsAfterFinished: new(int32(7 * 24 * 60 * 60)),
			Template: corev1.PodTemplateSpec{ObjectMeta: v1.ObjectMeta{Labels: labels, Annotations: annotations}, Spec: podFor(r)},
		},
	}
}

// fiveDays is Metaflow's limit where @timeout sets none.
const fiveDays = 5 * 24 * 60 * 60

func podFor(r *preflight.Request) corev1.PodSpec {
	image := r.Image
	if image == "" {
		image = "python:3"
	}
	container := corev1.Container{
		Name: strings.ReplaceAll(r.Step, "_", "-"), Image: image, ImagePullPolicy: corev1.PullPolicy(r.PullPolicy), Command: []string{"bash", "-c", "true"},
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
		Resources:                corev1.ResourceRequirements{Requests: quantities(r.Requests), Limits: quantities(r.Limits)},
		SecurityContext:          securityOf(r.Security),
	}
	if r.Port > 0 {
		container.Ports = []corev1.ContainerPort{{ContainerPort: int32(r.Port)}}
	}
	for _, name := range r.Secrets {
		container.EnvFrom = append(container.EnvFrom, corev1.EnvFromSource{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}}})
	}
	pod := corev1.PodSpec{
		ActiveDeadlineSeconds: new(int64(fiveDays)), RestartPolicy: corev1.RestartPolicyNever, TerminationGracePeriodSeconds: new(int64(0)),
		NodeSelector: r.NodeSelector, ServiceAccountName: r.ServiceAccount,
	}
	mount := func(name, path string, source corev1.VolumeSource) {
		pod.Volumes = append(pod.Volumes, corev1.Volume{Name: name, VolumeSource: source})
		container.VolumeMounts = append(container.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: path})
	}
	inMemory := func(mib int64) corev1.VolumeSource {
		return corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory, SizeLimit: resource.NewQuantity(mib<<20, resource.BinarySI)}}
	}
	if r.Tmpfs > 0 {
		mount("tmpfs-ephemeral-volume", r.TmpfsPath, inMemory(r.Tmpfs))
	}
	if r.SharedMemory > 0 {
		mount("dhsm", "/dev/shm", inMemory(r.SharedMemory))
	}
	for _, claim := range slices.Sorted(maps.Keys(r.Claims)) {
		mount(claim, r.Claims[claim], corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}})
	}
	for _, name := range r.PullSecrets {
		pod.ImagePullSecrets = append(pod.ImagePullSecrets, corev1.LocalObjectReference{Name: name})
	}
	for _, t := range r.Tolerations {
		pod.Tolerations = append(pod.Tolerations, corev1.Toleration{
			Key: t.Key, Operator: corev1.TolerationOperator(t.Operator), Value: t.Value, Effect: corev1.TaintEffect(t.Effect), TolerationSeconds: t.Seconds})
	}
	pod.Containers = []corev1.Container{container}
	return pod
}

func securityOf(s preflight.SecurityContext) *corev1.SecurityContext {
	if s == (preflight.SecurityContext{}) {
		return nil
	}
	return &corev1.SecurityContext{
		Privileged: s.Privileged, AllowPrivilegeEscalation: s.AllowPrivilegeEscalation,
		RunAsNonRoot: s.RunAsNonRoot, RunAsUser: s.RunAsUser, RunAsGroup: s.RunAsGroup,
	}
}

func quantities(all preflight.Amounts) corev1.ResourceList {
	list := corev1.ResourceList{}
	for name, a := range all {
		if a%1000 == 0 {
			list[corev1.ResourceName(name)] = *resource.NewQuantity(int64(a)/1000, resource.DecimalSI)
		} else {
			list[corev1.ResourceName(name)] = resource.MustParse(strconv.FormatInt(int64(a), 10) + "m")
		}
	}
	return list
}
