package kube

import (
	"fmt"
	"net/http"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/gentype"
	"k8s.io/client-go/rest"
)

// The typed clients are made here and not taken from client-go's clientset: that one
// links every kind of Kubernetes, which costs each start of the binary 4 ms and
// 11 MB more.

var scheme = sync.OnceValue(func() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, batchv1.AddToScheme, appsv1.AddToScheme, authorizationv1.AddToScheme} {
		if err := add(s); err != nil {
			panic(fmt.Sprintf("runner/kube: %v", err)) // two types of one name: no input leads here
		}
	}
	return s
})

// parameters writes options into the query of a request.
func parameters() runtime.ParameterCodec { return runtime.NewParameterCodec(scheme()) }

func groupClient(config *rest.Config, transport *http.Client, group schema.GroupVersion) (rest.Interface, error) {
	c := *config
	c.GroupVersion, c.APIPath = &group, "/apis"
	if group.Group == "" {
		c.APIPath = "/api"
	}
	c.NegotiatedSerializer = serializer.NewCodecFactory(scheme()).WithoutConversion()
	return rest.RESTClientForConfigAndClient(&c, transport)
}

func typed[T, L any, PT interface {
	*T
	runtime.Object
	v1.Object
}, PL interface {
	*L
	runtime.Object
}](client rest.Interface, resource, namespace string) *gentype.ClientWithList[PT, PL] {
	return gentype.NewClientWithList[PT, PL](resource, client, parameters(), namespace,
		func() PT { return new(T) }, func() PL { return new(L) })
}
