//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const secretName = "s3-access"

// credentials reach S3 from the launching machine and from the pods.
func credentials() map[string]string {
	return map[string]string{
		"AWS_ACCESS_KEY_ID":         s3User,
		"AWS_SECRET_ACCESS_KEY":     s3Secret,
		"AWS_DEFAULT_REGION":        "us-east-1",
		"AWS_EC2_METADATA_DISABLED": "true",
	}
}

// taskSecret is what Metaflow adds to the environment of each task.
func taskSecret() any {
	data := credentials()
	// The image has what a task needs; there is no index to install it from.
	data["METAFLOW_SKIP_INSTALL_DEPENDENCIES"] = "1"
	return map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]string{"name": secretName}, "stringData": data}
}

// environment prints what points Metaflow and kubectl to the cluster.
func environment(p place, out io.Writer) error {
	if _, err := os.Stat(p.kubeconfig()); err != nil {
		return fmt.Errorf("no cluster: make cluster-up")
	}
	type setting struct{ name, value string }
	if p.simulated {
		for _, set := range []setting{
			{"KUBECONFIG", p.kubeconfig()},
			{"FLOWLS_SIMULATED_WATCHER", filepath.Join(p.kubeconfigDir(), watcher+".kubeconfig")},
			{"FLOWLS_SIMULATED_REQUESTS", p.log("requests")},
			{"FLOWLS_SIMULATED_CLUSTER", p.tool("cluster")},
			{"FLOWLS_SIMULATED_STORE", p.etcd()},
		} {
			fmt.Fprintf(out, "export %s=%s\n", set.name, quote(set.value))
		}
		return nil
	}
	for _, set := range []setting{
		{"KUBECONFIG", p.kubeconfig()},
		{"METAFLOW_DEFAULT_DATASTORE", "s3"},
		{"METAFLOW_DEFAULT_METADATA", "local"},
		{"METAFLOW_DATASTORE_SYSROOT_S3", "s3://" + s3Bucket + "/flows"},
		{"METAFLOW_DATATOOLS_S3ROOT", "s3://" + s3Bucket + "/data"},
		{"METAFLOW_S3_ENDPOINT_URL", fmt.Sprintf("http://%s:%d", nodeIP, s3Port)},
		{"METAFLOW_KUBERNETES_NAMESPACE", "default"},
		{"METAFLOW_KUBERNETES_CONTAINER_IMAGE", taskImage},
		{"METAFLOW_KUBERNETES_IMAGE_PULL_POLICY", "IfNotPresent"},
		{"METAFLOW_KUBERNETES_SECRETS", secretName},
		{"METAFLOW_KUBERNETES_CPU", "0.2"},
		{"METAFLOW_KUBERNETES_MEMORY", "256"},
		{"METAFLOW_KUBERNETES_DISK", "100"},
	} {
		fmt.Fprintf(out, "export %s=%s\n", set.name, quote(set.value))
	}
	for name, value := range credentials() {
		fmt.Fprintf(out, "export %s=%s\n", name, quote(value))
	}
	return nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
