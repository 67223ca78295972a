package kube

import (
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// slimStock leaves what preflight compares with. What is gone makes no difference
// either: most news of a node are about the images that it has.
func slimStock(object runtime.Object) {
	switch o := object.(type) {
	case *corev1.Node:
		annotations := maps.Clone(o.Annotations)
		maps.DeleteFunc(annotations, func(key, _ string) bool { return !growingKey(key) })
		o.ObjectMeta = v1.ObjectMeta{Name: o.Name, UID: o.UID, ResourceVersion: o.ResourceVersion, Labels: o.Labels, Annotations: annotations}
		o.Spec = corev1.NodeSpec{Taints: o.Spec.Taints, Unschedulable: o.Spec.Unschedulable}
		o.Status = corev1.NodeStatus{Allocatable: o.Status.Allocatable}
	case *appsv1.DaemonSet:
		bare(&o.ObjectMeta)
		pod := o.Spec.Template.Spec
		kept := corev1.PodSpec{Affinity: pod.Affinity, PriorityClassName: pod.PriorityClassName, NodeSelector: pod.NodeSelector, Tolerations: pod.Tolerations}
		for _, c := range pod.Containers {
			kept.Containers = append(kept.Containers, corev1.Container{Resources: corev1.ResourceRequirements{Requests: c.Resources.Requests}})
		}
		o.Spec, o.Status = appsv1.DaemonSetSpec{Template: corev1.PodTemplateSpec{Spec: kept}}, appsv1.DaemonSetStatus{}
	case *corev1.ResourceQuota:
		bare(&o.ObjectMeta)
		o.Status = corev1.ResourceQuotaStatus{} // what is used
	case *corev1.LimitRange:
		bare(&o.ObjectMeta)
	case *v1.PartialObjectMetadata:
		bare(&o.ObjectMeta)
	}
}

func bare(m *v1.ObjectMeta) {
	*m = v1.ObjectMeta{Name: m.Name, Namespace: m.Namespace, UID: m.UID, ResourceVersion: m.ResourceVersion}
}
