package kube

import (
	"context"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// A list is held whole before any of it is recorded. So each object is made slim
// as it comes: of ten thousand tasks the environment, the command and the fields
// of managers alone would be a hundred megabytes.

// slim takes away what is never recorded.
func slim(object runtime.Object) {
	switch o := object.(type) {
	case *corev1.Pod:
		slimMeta(&o.ObjectMeta)
		slimPod(&o.Spec)
	case *batchv1.Job:
		slimMeta(&o.ObjectMeta)
		o.Spec.Template, o.Spec.Selector = corev1.PodTemplateSpec{}, nil
	case *corev1.Event:
		slimMeta(&o.ObjectMeta)
	default:
		slimStock(object)
	}
}

func slimMeta(m *v1.ObjectMeta) {
	m.ManagedFields, m.Labels, m.Finalizers = nil, nil, nil
	for name := range m.Annotations {
		if !strings.HasPrefix(name, "metaflow/") {
			delete(m.Annotations, name)
		}
	}
}

func slimPod(s *corev1.PodSpec) {
	kept := corev1.PodSpec{NodeName: s.NodeName}
	for _, c := range s.Containers {
		kept.Containers = append(kept.Containers, corev1.Container{Name: c.Name, Image: c.Image, Resources: c.Resources})
	}
	*s = kept
}

func slimList(list cache.ListWithContextFunc) cache.ListWithContextFunc {
	return func(ctx context.Context, options v1.ListOptions) (runtime.Object, error) {
		objects, err := list(ctx, options)
		if err != nil {
			return objects, err
		}
		return objects, meta.EachListItem(objects, func(object runtime.Object) error {
			slim(object)
			return nil
		})
	}
}

func slimWatch(start cache.WatchFuncWithContext) cache.WatchFuncWithContext {
	return func(ctx context.Context, options v1.ListOptions) (watch.Interface, error) {
		events, err := start(ctx, options)
		if err != nil {
			return events, err
		}
		return watch.Filter(events, func(e watch.Event) (watch.Event, bool) {
			if e.Type != watch.Bookmark { // which says by an annotation that the list is whole
				slim(e.Object)
			}
			return e, true
		}), nil
	}
}
