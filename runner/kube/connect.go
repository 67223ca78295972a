package kube

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/flowcontrol"
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
	core, batch, apps, authorization rest.Interface

	names metadata.Interface // objects without what is in them
	limit flowcontrol.RateLimiter
	// Namespace is the one that the kubeconfig's context names.
	Namespace string
}

// The API server is shared by many; these hold for everything one client asks. A check
// of a flow with a handful of different steps fits in at once: a launch waits for it.
// kubectl allows itself 50 and 300.
const (
	requestsPerSecond = 10
	requestBurst      = 40
)

// Connect reads the kubeconfig. It opens no connection; programs that the
// kubeconfig names for credentials run with the first request.
func Connect(a Access) (*Client, error) { return connect(a, limiter(requestsPerSecond, requestBurst)) }

// Anew reads the kubeconfig again, and asks no faster than c did.
func (c *Client) Anew(a Access) (*Client, error) { return connect(a, c.limit) }

var limiter = flowcontrol.NewTokenBucketRateLimiter

func connect(a Access, limit flowcontrol.RateLimiter) (*Client, error) {
	quiet()
	config, namespace, err := load(a)
	if err != nil {
		return nil, err
	}
	config.RateLimiter = limit
	config.UserAgent = "flowls"
	config.WarningHandler = rest.NoWarnings{}
	client, err := clientFor(config)
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig cannot be used: %w", err)
	}
	client.Namespace, client.limit = namespace, limit
	return client, nil
}

func clientFor(config *rest.Config) (*Client, error) {
	transport, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	var c Client
	for group, client := range map[schema.GroupVersion]*rest.Interface{
		corev1.SchemeGroupVersion: &c.core, batchv1.SchemeGroupVersion: &c.batch, appsv1.SchemeGroupVersion: &c.apps,
		authorizationv1.SchemeGroupVersion: &c.authorization,
	} {
		if *client, err = groupClient(config, transport, group); err != nil {
			return nil, err
		}
	}
	c.names, err = metadata.NewForConfigAndClient(config, transport)
	return &c, err
}

func load(a Access) (*rest.Config, string, error) {
	if a.Kubeconfig == "" && a.Context == "" && os.Getenv(clientcmd.RecommendedConfigPathEnvVar) == "" {
		if config, err := rest.InClusterConfig(); err == nil {
			return config, "default", nil
		}
	}
	if a.Kubeconfig != "" && !filepath.IsAbs(a.Kubeconfig) { // it would be one of the folder that we are in
		return nil, "", fmt.Errorf("the kubeconfig %q of the settings is not an absolute path", a.Kubeconfig)
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

// Stamp changes when the files of a kubeconfig do.
func Stamp(a Access) string {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = a.Kubeconfig
	stamp := ""
	for _, path := range rules.GetLoadingPrecedence() {
		if info, err := os.Stat(path); err == nil {
			stamp += fmt.Sprintf("%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		}
	}
	return stamp
}

// quiet keeps client-go from writing to standard error. What goes wrong reaches
// the caller as Problems.
var quiet = sync.OnceFunc(func() { klog.SetLogger(logr.Discard()) })
