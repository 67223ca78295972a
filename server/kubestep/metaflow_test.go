package kubestep_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"flowls/runner/preflight"
	"flowls/runner/runnertest"
	"flowls/runner/store"
	"flowls/server/kubestep/steptest"
)

// asked is what testdata/asked.py prints about one step.
type asked struct {
	Error                            string
	Requests, Limits                 map[string]string
	NodeSelector, Claims             map[string]string
	Labels, Annotations              map[string]string
	Tolerations                      []map[string]any
	Namespace, ServiceAccount, Image string
	Secrets, PullSecrets             []string
	Port, SharedMemory, Tmpfs        int
}

// configurations are environments that Metaflow is started in.
var configurations = []map[string]string{
	{},
	{"CPU": "0.2", "MEMORY": "256", "DISK": "100", "NAMESPACE": "team", "SECRETS": "s3-access,db", "SERVICE_ACCOUNT": "runner", "CONTAINER_IMAGE": "localhost/task:1"},
	{"QOS": "guaranteed", "GPU_VENDOR": "amd", "NODE_SELECTOR": "pool=big,zone=a", "TOLERATIONS": `[{"key": "team", "operator": "Exists"}]`, "PORT": "8000"},
	{"LABELS": "a=b,c", "ANNOTATIONS": "x=y", "PERSISTENT_VOLUME_CLAIMS": `{"data": "/data"}`, "IMAGE_PULL_SECRETS": `["registry"]`, "CONTAINER_REGISTRY": "example.org/", "SECRETS": ""},
}

// TestAskedAsMetaflowDoes holds our reading of decorators to Metaflow's own.
func TestAskedAsMetaflowDoes(t *testing.T) {
	python := runnertest.Python(t)
	for i, configuration := range configurations {
		variants := steptest.Variants(250, uint64(i), steptest.Arguments()...)
		env := runnertest.Env(t.TempDir())
		for name, value := range configuration {
			env = append(env, "METAFLOW_KUBERNETES_"+name+"="+value)
		}
		settings := store.ReadSettings(t.TempDir(), lookup(env), "")
		refused, compared := 0, 0
		for j, theirs := range metaflow(t, python, env, variants) {
			if theirs.Error != "" {
				refused++ // rules of family 3 find that
				continue
			}
			compared++
			ours := steptest.Train(steptest.Source(variants[j]), nil, settings.Value)
			if ours == nil || !ours.Request.Sure() {
				t.Errorf("%v: not understood: %s: %+v", configuration, variants[j], ours)
				continue
			}
			if differences := differ(&ours.Request, &theirs); differences != nil {
				t.Errorf("%v\n%s\n%s", configuration, variants[j], strings.Join(differences, "\n"))
			}
		}
		if compared < 150 {
			t.Errorf("%v: only %d variants compared, %d refused by Metaflow", configuration, compared, refused)
		}
	}
}

func metaflow(t *testing.T, python string, env, variants []string) (answers []asked) {
	t.Helper()
	input, err := json.Marshal(variants)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), python, "testdata/asked.py")
	command.Env, command.Stdin, command.Stderr = env, bytes.NewReader(input), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(variants) {
		t.Fatalf("%d answers: %v", len(answers), err)
	}
	return answers
}

func lookup(env []string) func(string) (string, bool) {
	return func(name string) (value string, set bool) {
		for _, e := range env {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				value, set = v, true
			}
		}
		return value, set
	}
}

func differ(ours *preflight.Request, theirs *asked) (differences []string) {
	compare := func(what string, a, b any) {
		if x, y := reflect.ValueOf(a), reflect.ValueOf(b); x.Kind() == y.Kind() && (x.Kind() == reflect.Map || x.Kind() == reflect.Slice) && x.Len() == 0 && y.Len() == 0 {
			return
		}
		if !reflect.DeepEqual(a, b) {
			left, _ := json.Marshal(a)
			right, _ := json.Marshal(b)
			differences = append(differences, what+": ours "+string(left)+", Metaflow's "+string(right))
		}
	}
	compare("requests", ours.Requests, amounts(theirs.Requests))
	compare("limits", ours.Limits, amounts(theirs.Limits))
	compare("node_selector", ours.NodeSelector, theirs.NodeSelector)
	compare("claims", ours.Claims, theirs.Claims)
	compare("labels", ours.Labels, theirs.Labels)
	compare("annotations", ours.Annotations, theirs.Annotations)
	compare("namespace", ours.Namespace, theirs.Namespace)
	compare("service_account", ours.ServiceAccount, theirs.ServiceAccount)
	compare("secrets", slices.Sorted(slices.Values(ours.Secrets)), theirs.Secrets)
	compare("image_pull_secrets", ours.PullSecrets, theirs.PullSecrets)
	compare("port", ours.Port, theirs.Port)
	compare("shared_memory", int(ours.SharedMemory), theirs.SharedMemory)
	compare("tmpfs", int(ours.Tmpfs), theirs.Tmpfs)
	var tolerations []map[string]any
	for _, toleration := range ours.Tolerations {
		one := map[string]any{}
		for key, value := range map[string]string{"key": toleration.Key, "operator": toleration.Operator, "value": toleration.Value, "effect": toleration.Effect} {
			if value != "" {
				one[key] = value
			}
		}
		tolerations = append(tolerations, one)
	}
	compare("tolerations", tolerations, theirs.Tolerations)
	if ours.Image != "" || !strings.Contains(theirs.Image, "python:3.") {
		compare("image", ours.Image, theirs.Image)
	}
	return differences
}

// amounts are read as Kubernetes does, which the tests on a cluster show.
func amounts(texts map[string]string) preflight.Amounts {
	all := preflight.Amounts{}
	for name, text := range maps.All(texts) {
		a, ok := preflight.ParseAmount(text)
		if !ok {
			a = -1
		}
		all[name] = a
	}
	return all
}
