//go:build e2ekube

package kube

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
)

// A cluster without JobSet cannot run a step in parallel: that is foreseen, and so
// it comes.
func TestClusterWithoutJobSet(t *testing.T) {
	t.Setenv("METAFLOW_KUBERNETES_JOBSET_GROUP", "nothere.flowls.test") // whatever the cluster has
	s := newSession(t, "parallel.py", "ParallelFlow", nil)
	result := s.preflight()
	if len(result.Findings) != 1 || result.Findings[0].Code != "MF843" || result.Findings[0].Step != "work" ||
		!strings.HasPrefix(result.Findings[0].Message, "The cluster has no JobSet (`nothere.flowls.test/v1alpha2`), of which Metaflow makes a step with `@parallel`") {
		t.Fatalf("%+v", result)
	}
	if found, said := s.says("MF843"); !said || s.at(found.Range) != "work" {
		t.Errorf("%+v", found)
	}
	info := s.ended(s.launch("flowls.launch", nil))
	if info.Status != "failed" || !strings.Contains(s.logs(), "404 page not found") {
		t.Errorf("%+v\n%s", info, s.logs())
	}
}

// A JobSet is tried as it would be made: what the API says of it is said before
// the launch. The API is one of the test's own, so that others notice nothing.
func TestDryRunOfJobSets(t *testing.T) {
	for name, c := range map[string]struct {
		replicas string // schema
		says     string
	}{
		"accepted": {`{"type": "integer"}`, ""},
		"refused":  {`{"type": "integer", "maximum": 0}`, "The cluster would refuse the task: [spec.replicatedJobs[0].replicas: Invalid value: 1: "},
	} {
		t.Run(name, func(t *testing.T) {
			group := fmt.Sprintf("x%x.flowls.test", time.Now().UnixNano())
			t.Setenv("METAFLOW_KUBERNETES_JOBSET_GROUP", group)
			s := newSession(t, "parallel.py", "ParallelFlow", nil)
			serveJobSets(t, s.namespace.core, group, c.replicas)
			result := s.preflight()
			switch {
			case c.says == "" && len(result.Findings)+len(result.Notes) > 0:
				t.Errorf("%+v", result)
			case c.says != "" && (len(result.Findings) != 1 || result.Findings[0].Step != "work" || !strings.HasPrefix(result.Findings[0].Message, c.says)):
				t.Errorf("%+v", result)
			}
		})
	}
}

// serveJobSets has the cluster serve an API that looks like that of JobSet.
func serveJobSets(t *testing.T, set kubernetes.Interface, group, replicas string) {
	t.Helper()
	rest := set.CoreV1().RESTClient()
	const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	body := `{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "jobsets.` + group + `"},
		"spec": {"group": "` + group + `", "scope": "Namespaced", "names": {"plural": "jobsets", "singular": "jobset", "kind": "JobSet", "listKind": "JobSetList"},
		"versions": [{"name": "v1alpha2", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object",
			"x-kubernetes-preserve-unknown-fields": true, "properties": {"replicatedJobs": {"type": "array", "items": {"type": "object",
			"x-kubernetes-preserve-unknown-fields": true, "properties": {"replicas": ` + replicas + `}}}}}}}}}]}}`
	if _, err := rest.Post().AbsPath(definitions).SetHeader("Content-Type", runtime.ContentTypeJSON).Body([]byte(body)).DoRaw(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := rest.Delete().AbsPath(definitions, "jobsets."+group).DoRaw(ctx); err != nil {
			t.Error(err)
		}
	})
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		_, err := rest.Get().AbsPath("/apis", group, "v1alpha2", "namespaces", "default", "jobsets").DoRaw(t.Context())
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
