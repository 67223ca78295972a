package kube

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

// Access says which cluster, as the user chose it: never a file of the workspace.
type Access struct {
	// Kubeconfig is a path; empty means what Metaflow and kubectl take: $KUBECONFIG,
	// else the service account of the pod that we run in, else ~/.kube/config.
	Kubeconfig string
	// Context is one of the kubeconfig, empty the current one.
	Context string
}

// Client talks to one cluster.
type Client struct {
	set   kubernetes.Interface
	names metadata.Interface // objects without what is in them
	// Namespace is the one that the kubeconfig's context names.
	Namespace string
}

// The API server is shared by many; these hold for everything one client asks.
const (
	requestsPerSecond = 5
	requestBurst      = 20
)

// Connect reads the kubeconfig. It opens no connection; programs that the
// kubeconfig names for credentials run with the first request.
func Connect(a Access) (*Client, error) {
	quiet()
	config, namespace, err := load(a)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = requestsPerSecond, requestBurst
	config.UserAgent = "flowls"
	config.WarningHandler = rest.NoWarnings{}
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig cannot be used: %w", err)
	}
	names, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig cannot be used: %w", err)
	}
	return &Client{set, names, namespace}, nil
}

func load(a Access) (*rest.Config, string, error) {
	if a.Kubeconfig == "" && a.Context == "" && os.Getenv(clientcmd.RecommendedConfigPathEnvVar) == "" {
		if config, err := rest.InClusterConfig(); err == nil {
			return config, "default", nil
		}
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = a.Kubeconfig
	deferred := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: a.Context})
	config, err := deferred.ClientConfig()
	if clientcmd.IsEmptyConfig(err) || errors.Is(err, os.ErrNotExist) {
		return nil, "", fmt.Errorf("no kubeconfig was found: set KUBECONFIG, or make ~/.kube/config (%w)", err)
	} else if err != nil {
		return nil, "", fmt.Errorf("the kubeconfig cannot be used: %w", err)
	}
	namespace, _, err := deferred.Namespace()
	if err != nil {
		return nil, "", fmt.Errorf("the kubeconfig cannot be used: %w", err)
	}
	return config, namespace, nil
}

// quiet keeps client-go from writing to standard error. What goes wrong reaches
// the caller as Problems.
var quiet = sync.OnceFunc(func() { klog.SetLogger(logr.Discard()) })
