//go:build e2ekube

package kube

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flowls/runner/kube"
	"flowls/runner/preflight"

	authenticationv1 "k8s.io/api/authentication/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"
)

// manifests are those of docs/rbac.md, for a namespace and a service account of it.
type manifests struct {
	role           rbacv1.Role
	binding        rbacv1.RoleBinding
	clusterRole    rbacv1.ClusterRole
	clusterBinding rbacv1.ClusterRoleBinding
}

func readManifests(t *testing.T, namespace string) (m manifests) {
	t.Helper()
	page, err := os.ReadFile("../../docs/rbac.md")
	if err != nil {
		t.Fatal(err)
	}
	var documents []string
	for _, block := range strings.Split(string(page), "```yaml\n")[1:] {
		code, _, _ := strings.Cut(block, "```")
		documents = append(documents, strings.Split(code, "---\n")...)
	}
	into := []any{&m.role, &m.binding, &m.clusterRole, &m.clusterBinding}
	if len(documents) != len(into) {
		t.Fatalf("docs/rbac.md has %d manifests, want %d", len(documents), len(into))
	}
	for i, document := range documents {
		if err := yaml.UnmarshalStrict([]byte(document), into[i]); err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
	}
	// What the page tells the reader to replace.
	subject := []rbacv1.Subject{{Kind: "ServiceAccount", Name: "user", Namespace: namespace}}
	m.role.Namespace, m.binding.Namespace, m.binding.Subjects, m.clusterBinding.Subjects = namespace, namespace, subject, subject
	m.clusterRole.Name += "-" + namespace
	m.clusterBinding.Name, m.clusterBinding.RoleRef.Name = m.clusterRole.Name, m.clusterRole.Name
	return m
}

func (m *manifests) apply(ctx context.Context, t *testing.T, set kubernetes.Interface) {
	t.Helper()
	rbac := set.RbacV1()
	for _, err := range []error{
		made(rbac.Roles(m.role.Namespace).Create(ctx, &m.role, v1.CreateOptions{})),
		made(rbac.RoleBindings(m.role.Namespace).Create(ctx, &m.binding, v1.CreateOptions{})),
		made(rbac.ClusterRoles().Create(ctx, &m.clusterRole, v1.CreateOptions{})),
		made(rbac.ClusterRoleBindings().Create(ctx, &m.clusterBinding, v1.CreateOptions{})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(ctx)
		if err := rbac.ClusterRoleBindings().Delete(ctx, m.clusterBinding.Name, v1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
		if err := rbac.ClusterRoles().Delete(ctx, m.clusterRole.Name, v1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
}

func made[T any](_ T, err error) error { return err }

// userKubeconfig is a kubeconfig of a new service account, which may nothing by itself.
func userKubeconfig(ctx context.Context, t *testing.T, set kubernetes.Interface, namespace string) string {
	t.Helper()
	accounts := set.CoreV1().ServiceAccounts(namespace)
	if _, err := accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: v1.ObjectMeta{Name: "user"}}, v1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	token, err := accounts.CreateToken(ctx, "user", &authenticationv1.TokenRequest{}, v1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.NewDefaultClientConfigLoadingRules().Load()
	if err != nil {
		t.Fatal(err)
	}
	current := config.Contexts[config.CurrentContext]
	current.AuthInfo, current.Namespace = "user", namespace
	config.AuthInfos = map[string]*api.AuthInfo{"user": {Token: token.Status.Token}}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLeastPermissions: what docs/rbac.md grants suffices to compare, follow and
// stop, and of each verb something tells when it is gone.
func TestLeastPermissions(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	set := clientset(t)
	namespace := makePlaces(ctx, t, set)[""]
	path := userKubeconfig(ctx, t, set, namespace)
	m := readManifests(t, namespace)
	connect := func() *kube.Client {
		client, err := kube.Connect(kube.Access{Kubeconfig: path})
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	if denied, err := connect().Denied(ctx, namespace, ""); err != nil || len(denied) < 10 {
		t.Fatalf("before: %v, %v", denied, err)
	}
	m.apply(ctx, t, set)
	client := connect()
	eventually(ctx, t, "the permissions count", func() error {
		denied, err := client.Denied(ctx, namespace, "")
		if err == nil && len(denied) > 0 {
			err = fmt.Errorf("denied: %v", denied)
		}
		return err
	})
	have, err := client.Inventory(ctx, []string{namespace})
	if problems := strings.Split(fmt.Sprint(err), "\n"); len(problems) != 1 || !strings.HasPrefix(problems[0], "secrets cannot be listed") {
		t.Errorf("more is needed to compare: %v", err)
	}
	in := have.In[namespace]
	if len(have.Nodes) == 0 || !slices.Contains(have.Namespaces, namespace) || !slices.Contains(in.Accounts, "user") || in.Secrets != nil {
		t.Errorf("%+v", have)
	}
	want := preflight.Request{Step: "start", Namespace: namespace, Requests: preflight.Amounts{"cpu": 100}, Image: "localhost/task:1", Secrets: []string{"known"}}
	if refusal, err := client.DryRun(ctx, &want, kube.JobSets{}); refusal != "" || err != nil {
		t.Errorf("dry run: %q, %v", refusal, err)
	}
	if jobs, err := set.BatchV1().Jobs(namespace).List(ctx, v1.ListOptions{}); err != nil || len(jobs.Items) > 0 {
		t.Errorf("the dry run left %d jobs, %v", len(jobs.Items), err)
	}
	followsAndStops(ctx, t, client, set, namespace)
	m.noneCanGo(ctx, t, set, connect)
}

// followsAndStops runs a task of Metaflow's and watches it with the few permissions.
func followsAndStops(ctx context.Context, t *testing.T, client *kube.Client, set kubernetes.Interface, namespace string) {
	t.Helper()
	watched, end := context.WithCancel(ctx)
	defer end()
	w := client.Watch(watched, namespace)
	job := metaflowJobs(t, []variant{{"", `@kubernetes(cpu=0.1, memory=16)`}})[0].Job
	job.Namespace = namespace
	made, err := set.BatchV1().Jobs(namespace).Create(ctx, &job, v1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pod := ""
	for completed := false; !completed; {
		states, _ := w.Take()
		for _, s := range states {
			pod, completed = s.Pod, completed || s.Phase == kube.Completed
		}
		if problems := w.Problems(); len(problems) > 0 {
			t.Fatalf("the watch needs more: %v", problems)
		}
		select {
		case <-w.Changed():
		case <-ctx.Done():
			t.Fatal("the task did not complete")
		}
	}
	if pod == "" {
		t.Error("no pod was seen")
	}
	if _, err := client.Unfinished(ctx, namespace, kube.Owner{Flow: "TrainFlow"}); err != nil {
		t.Errorf("what is left of a run cannot be listed: %v", err)
	}
	if err := client.Delete(ctx, kube.Work{Kind: "Job", Namespace: namespace, Name: made.Name, UID: made.UID}); err != nil {
		t.Error(err)
	}
	eventually(ctx, t, "the job is gone", func() error {
		jobs, err := set.BatchV1().Jobs(namespace).List(ctx, v1.ListOptions{})
		if err == nil && slices.ContainsFunc(jobs.Items, func(j batchv1.Job) bool { return j.Name == made.Name && j.DeletionTimestamp == nil }) {
			err = fmt.Errorf("%s is there", made.Name)
		}
		return err
	})
}

// noneCanGo takes each verb away in turn.
func (m *manifests) noneCanGo(ctx context.Context, t *testing.T, set kubernetes.Interface, connect func() *kube.Client) {
	t.Helper()
	whole := m.role.DeepCopy()
	for i, rule := range whole.Rules {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				less := whole.DeepCopy()
				left := rule.DeepCopy()
				left.Verbs = slices.DeleteFunc(left.Verbs, func(v string) bool { return v == verb })
				left.Resources = []string{resource}
				less.Rules[i].Resources = slices.DeleteFunc(less.Rules[i].Resources, func(r string) bool { return r == resource })
				if less.Rules = append(less.Rules, *left); len(left.Verbs) == 0 {
					less.Rules = less.Rules[:len(less.Rules)-1]
				}
				less.Rules = slices.DeleteFunc(less.Rules, func(r rbacv1.PolicyRule) bool { return len(r.Resources) == 0 })
				if _, err := set.RbacV1().Roles(whole.Namespace).Update(ctx, less, v1.UpdateOptions{}); err != nil {
					t.Fatal(err)
				}
				client := connect()
				eventually(ctx, t, fmt.Sprintf("%s %s is missed", verb, resource), func() error {
					denied, err := client.Denied(ctx, whole.Namespace, "")
					if err != nil || slices.ContainsFunc(denied, func(p kube.Permission) bool { return p.String() == verb+" "+resource }) {
						return err
					}
					if len(denied) > 0 || i < 4 {
						return fmt.Errorf("missed are %v", denied)
					}
					if _, err := client.Inventory(ctx, []string{whole.Namespace}); err == nil || strings.Count(err.Error(), "\n") != 1 {
						return fmt.Errorf("missed: %w", err)
					}
					return nil
				})
			}
		}
	}
}
