package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flowls/analysis/text"
	"flowls/server"

	"go.lsp.dev/protocol"
)

const clusterFlow = `from metaflow import FlowSpec, kubernetes, resources, step


class Train(FlowSpec):
    @step
    def start(self):
        self.next(self.fit)

    @kubernetes(cpu=2, secrets=["s3-acces"], node_selector={"pool": "large"}, namespace="default")
    @resources(memory=128_000)
    @step
    def fit(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Train()
`

// onCluster opens clusterFlow beside a cluster.
func onCluster(t *testing.T, settings map[string]any) (b *workbench, a *apiServer, mark string) {
	t.Helper()
	a = startAPIServer(t)
	b = newWorkbench(t, "Train", clusterFlow)
	t.Setenv("METAFLOW_DEFAULT_DATASTORE", "s3")
	t.Setenv("METAFLOW_DATASTORE_SYSROOT_S3", "s3://bucket/flows")
	bucket := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(bucket.Close)
	t.Setenv("METAFLOW_S3_ENDPOINT_URL", bucket.URL)
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(name, "x")
	}
	path, mark := a.kubeconfig(t)
	t.Setenv("KUBECONFIG", path) // as a user has it
	b.open(true)
	if settings != nil {
		settings["kubeconfig"] = path
		b.configure(map[string]any{"kubernetes": settings})
	}
	return b, a, mark
}

func (b *workbench) preflight(argument map[string]any) (result server.PreflightResult) {
	b.t.Helper()
	whole := map[string]any{"uri": b.buffer.URI, "flow": b.flow}
	for name, value := range argument {
		whole[name] = value
	}
	var raw json.RawMessage
	b.editor.Ignored = append(slices.Clone(noise), protocol.MethodWindowShowMessage)
	if err := b.execute("flowls.preflight", whole, &raw); err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &result); err != nil {
		b.t.Fatal(err)
	}
	return result
}

func foundAt(result server.PreflightResult) string {
	var all []string
	for _, f := range result.Findings {
		all = append(all, f.Code+" "+f.Step+" "+f.Argument)
	}
	return strings.Join(all, ", ")
}

func TestPreflightCommand(t *testing.T) {
	b, a, mark := onCluster(t, nil)
	b.buffer.Diagnostics()
	if a.requests() > 0 {
		t.Fatalf("asked before the command: %q", a.asked)
	}
	result := b.preflight(nil)
	// The Python of the tests has no package kubernetes.
	if got, want := foundAt(result), "MF832  , MF836 fit secrets, MF839 fit memory"; got != want || !slices.Equal(result.Steps, []string{"end", "fit", "start"}) {
		t.Fatalf("%s, want %s; %+v", got, want, result)
	}
	if _, err := os.Stat(mark); err != nil {
		t.Errorf("the program of the kubeconfig did not run: %v", err)
	}
	found := b.fromCluster(b.diagnostics("the findings", func(d []protocol.Diagnostic) bool { return len(b.fromCluster(d)) == 3 }))
	memory, secret := found["128_000"], found[`"s3-acces"`]
	if got := messageOf(memory); got != "No node has 128 GB: the most that one can give is 62 GB (`node-2`)" || memory.Severity != protocol.DiagnosticSeverityWarning {
		t.Errorf("%q, severity %v", got, memory.Severity)
	}
	if got := messageOf(secret); got != "The namespace `default` has no secret `s3-acces`; did you mean `s3-access`?" || secret.Severity != protocol.DiagnosticSeverityError {
		t.Errorf("%q, severity %v", got, secret.Severity)
	}
	if got := messageOf(found["Train"]); !strings.Contains(got, "has no package `kubernetes`") {
		t.Errorf("%q", got)
	}

	// What is mended is gone at once: the cluster is not asked again.
	before := a.requests()
	b.fix("Change to 62000", memory)
	b.fix(`Change to "s3-access"`, secret)
	b.diagnostics("what is left", func(d []protocol.Diagnostic) bool { return len(b.fromCluster(d)) == 1 })
	if !strings.Contains(b.buffer.Text(), `memory=62000)`) || !strings.Contains(b.buffer.Text(), `secrets=["s3-access"]`) || a.requests() != before {
		t.Errorf("%d requests; %s", a.requests()-before, b.buffer.Text())
	}
	// And what is wrong again is back.
	at := strings.Index(b.buffer.Text(), "62000")
	b.buffer.Edit(text.Edit{Span: text.Span{Start: at, End: at + 5}, New: "63000"})
	b.diagnostics("too much again", func(d []protocol.Diagnostic) bool { _, there := b.fromCluster(d)["63000"]; return there })

	if err := b.execute("flowls.clearPreflight", map[string]any{"uri": b.buffer.URI, "flow": "Train"}, nil); err != nil {
		t.Fatal(err)
	}
	b.diagnostics("nothing", func(d []protocol.Diagnostic) bool { return len(b.fromCluster(d)) == 0 })
	if posts := slices.DeleteFunc(slices.Clone(a.asked), func(s string) bool { return !strings.HasPrefix(s, "POST /apis/batch") }); len(posts) == 0 {
		t.Errorf("no job was tried: %q", a.asked)
	}
}

// A step that runs in parallel becomes a JobSet, which not every cluster has.
func TestPreflightOfParallelSteps(t *testing.T) {
	b, a, _ := onCluster(t, nil)
	b.buffer.Replace(parallelFlow)
	b.flow = "Spread"
	result := b.preflight(nil)
	if got := foundAt(result); got != "MF832  , MF843 work " {
		t.Fatalf("%s: %+v", got, result)
	}
	if got := result.Findings[1].Message; got != "The cluster has no JobSet (`jobset.x-k8s.io/v1alpha2`), of which Metaflow makes a step with `@parallel`: have its controller installed, see jobset.sigs.k8s.io" {
		t.Errorf("%q", got)
	}
	a.mu.Lock()
	a.jobSets, a.denied["create jobsets"] = true, true
	a.mu.Unlock()
	if result = b.preflight(nil); foundAt(result) != "MF832  , MF833  namespace" || !strings.Contains(result.Findings[1].Message, "`create jobsets`") {
		t.Errorf("%+v", result)
	}
	a.mu.Lock()
	delete(a.denied, "create jobsets")
	a.mu.Unlock()
	if result = b.preflight(nil); foundAt(result) != "MF832  " {
		t.Errorf("%+v", result)
	}
	if !slices.Contains(a.asked, "POST /apis/jobset.x-k8s.io/v1alpha2/namespaces/default/jobsets") {
		t.Errorf("no JobSet was tried: %q", a.asked)
	}
}

// fix applies the action of that title.
func (b *workbench) fix(title string, d protocol.Diagnostic) {
	b.t.Helper()
	var actions []protocol.CodeAction
	b.editor.Call(protocol.MethodTextDocumentCodeAction, &protocol.CodeActionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: b.buffer.URI}, Range: d.Range,
		Context: protocol.CodeActionContext{Diagnostics: []protocol.Diagnostic{d}},
	}, &actions)
	var titles []string
	for _, action := range actions {
		if titles = append(titles, action.Title); action.Title == title {
			b.editor.Apply(action.Edit)
			return
		}
	}
	b.t.Fatalf("no action %q among %q", title, titles)
}

func TestPreflightAsksTheCluster(t *testing.T) {
	b, a, _ := onCluster(t, map[string]any{})
	a.mu.Lock()
	a.refuse = `pods "flowls-preflight-x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true`
	a.denied["watch pods"] = true
	a.mu.Unlock()
	result := b.preflight(map[string]any{"step": "start"})
	if got, want := foundAt(result), "MF832  , MF843 start "; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	if got := result.Findings[1].Message; got != "The cluster would refuse the task: violates PodSecurity \"restricted:latest\": runAsNonRoot != true" {
		t.Errorf("%q", got)
	}
	if got := strings.Join(result.Notes, "\n"); got != "you may not `watch pods` in the namespace `default`: flowls follows the pods of a run" {
		t.Errorf("notes %q", got)
	}
	a.mu.Lock()
	a.denied["create jobs"] = true
	a.mu.Unlock()
	if result = b.preflight(map[string]any{"step": "start"}); foundAt(result) != "MF832  , MF833  namespace" || !strings.Contains(result.Findings[1].Message, "`create jobs`") {
		t.Errorf("%+v", result.Findings)
	}
	a.Close()
	if result = b.preflight(map[string]any{"options": map[string]any{"with": []string{"kubernetes:cpu=900"}}}); !strings.HasPrefix(foundAt(result), "MF832  , MF831  ") || !strings.Contains(result.Findings[1].Message, "not reachable") {
		t.Errorf("%+v", result.Findings)
	}
	if slices.Contains(a.asked, "GET /api/v1/secrets") {
		t.Error("secrets of other namespaces were asked for")
	}
}

// With the setting on, findings come without a command, and edits wait for nothing.
func TestPreflightWhileTyping(t *testing.T) {
	b, a, _ := onCluster(t, map[string]any{"preflight": true})
	b.diagnostics("the findings", func(d []protocol.Diagnostic) bool {
		found := b.fromCluster(d)
		return len(found) == 2 && messageOf(found["128_000"]) != "" && messageOf(found[`"s3-acces"`]) != ""
	})
	// Three kinds of the cluster, five of the namespace; lists that are not streamed come first.
	b.until("everything is watched", func() bool { return a.watches() == 8 })
	asked := a.requests()
	a.mu.Lock()
	a.hang = make(chan struct{})
	a.mu.Unlock()
	defer close(a.hang)
	begin := time.Now()
	const edits = 50
	for i := range edits { // a step more or less, and the memory
		at := strings.Index(b.buffer.Text(), "memory=") + len("memory=")
		end := at + strings.IndexByte(b.buffer.Text()[at:], ')')
		b.buffer.Edit(text.Edit{Span: text.Span{Start: at, End: end}, New: []string{"62000", "62001"}[i%2]})
		there := len(b.fromCluster(b.buffer.Diagnostics()))
		if want := 1 + i%2; there != want {
			t.Fatalf("edit %d: %d findings, want %d", i, there, want)
		}
	}
	t.Logf("%v an edit", time.Since(begin)/edits)
	// A namespace that nobody has looked at yet: the cluster hangs, the editor does not.
	at := strings.Index(b.buffer.Text(), `"default"`)
	b.buffer.Edit(text.Edit{Span: text.Span{Start: at, End: at + len(`"default"`)}, New: `"teem"`})
	if found := b.fromCluster(b.buffer.Diagnostics()); len(found) != 1 { // the memory is that of any namespace
		t.Errorf("%+v", found)
	}
	if n := a.requests() - asked; n > 3 {
		t.Errorf("%d requests for %d edits", n, edits)
	}
}

// What changes in the cluster changes the findings, without an edit; with the
// setting off nothing is followed.
func TestPreflightHearsOfNews(t *testing.T) {
	b, a, _ := onCluster(t, map[string]any{"preflight": true})
	count := func(want int) func([]protocol.Diagnostic) bool {
		return func(d []protocol.Diagnostic) bool { return len(b.fromCluster(d)) == want }
	}
	b.diagnostics("the findings", count(2))
	a.has("secrets", named("s3-access", "s3-acces"))
	b.diagnostics("the secret is there", count(1))
	a.has("secrets", named("s3-access"))
	b.diagnostics("the secret is gone", count(2))
	b.configure(map[string]any{"kubernetes": map[string]any{"preflight": false}})
	b.until("nothing is watched", func() bool { return a.watches() == 0 })
}

// A kubeconfig that leads elsewhere by now counts at once for a command.
func TestPreflightWithAnotherKubeconfig(t *testing.T) {
	b, a, _ := onCluster(t, map[string]any{"preflight": true})
	b.diagnostics("the findings", func(d []protocol.Diagnostic) bool { return len(b.fromCluster(d)) == 2 })
	b.preflight(nil)
	other := startAPIServer(t)
	other.has("secrets", named("s3-acces"))
	path, _ := other.kubeconfig(t)
	config, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(os.Getenv("KUBECONFIG"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	asked := a.posts()
	if result := b.preflight(nil); foundAt(result) != "MF832  , MF839 fit memory" {
		t.Errorf("%s: %+v", foundAt(result), result)
	}
	if a.posts() != asked || other.posts() == 0 {
		t.Errorf("the old cluster was asked: %d questions more, the new one: %d", a.posts()-asked, other.posts())
	}
}

// A cluster that could not be followed is asked at once for a command: the user may
// have logged in just now.
func TestPreflightAfterLogin(t *testing.T) {
	b, a, _ := onCluster(t, nil)
	a.mu.Lock()
	a.expired = true
	a.mu.Unlock()
	b.configure(map[string]any{"kubernetes": map[string]any{"preflight": true}})
	b.until("it was tried for some time", func() bool { return a.requests() > 20 })
	if result := b.preflight(nil); foundAt(result) != "MF832  , MF831  " || !strings.Contains(result.Findings[1].Message, "log in anew") {
		t.Errorf("%+v", result)
	}
	a.mu.Lock()
	a.expired = false
	a.mu.Unlock()
	if result := b.preflight(nil); foundAt(result) != "MF832  , MF836 fit secrets, MF839 fit memory" {
		t.Errorf("%+v", result)
	}
}

// Nothing but the user's own settings and commands leads to the cluster.
func TestPreflightIsNeverUnasked(t *testing.T) {
	b, a, mark := onCluster(t, nil)
	tempting := map[string]any{"kubernetes": map[string]any{"preflight": true, "kubeconfig": os.Getenv("KUBECONFIG"), "context": "here"}}
	raw, err := json.Marshal(map[string]any{"flowls.kubernetes.preflight": true, "flowls.kubernetes.kubeconfig": os.Getenv("KUBECONFIG")})
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(os.Getenv("KUBECONFIG"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		".vscode/settings.json": string(raw), "pyproject.toml": "[tool.flowls.kubernetes]\npreflight = true\n", ".kube/config": string(config), "kubeconfig": string(config),
		".metaflow/config.json": `{"METAFLOW_KUBERNETES_NAMESPACE": "team"}`,
	} {
		path := filepath.Join(b.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.editor.Ignored = append(slices.Clone(noise), protocol.MethodWindowShowMessage) // about the pyproject.toml
	// What an editor answers when asked has files of the workspace mixed in.
	b.editor.Configuration["flowls"] = tempting
	b.editor.Notify(protocol.MethodWorkspaceDidChangeConfiguration, &protocol.DidChangeConfigurationParams{Settings: protocol.LSPAny(`null`)})
	for _, at := range []string{`"s3-acces`, "kubernetes(", "memory"} {
		position := b.buffer.At(strings.Index(b.buffer.Text(), at) + len(at))
		b.editor.Call(protocol.MethodTextDocumentHover, &position, nil)
		b.editor.Call(protocol.MethodTextDocumentCompletion, &position, nil)
		b.insertBefore("@resources", "")
		b.buffer.Diagnostics()
	}
	if _, err := os.Stat(mark); err == nil || a.requests() > 0 {
		t.Errorf("unasked: %q, %v", a.asked, err)
	}
	// Untrusted, not even the user's own switch leads there.
	b.configure(map[string]any{"trusted": false, "kubernetes": tempting["kubernetes"]})
	b.insertBefore("@resources", "")
	b.buffer.Diagnostics()
	if err := b.execute("flowls.preflight", map[string]any{"uri": b.buffer.URI, "flow": "Train"}, nil); err == nil || !strings.Contains(err.Error(), "not trusted") {
		t.Errorf("untrusted: %v", err)
	}
	if _, err := os.Stat(mark); err == nil || a.requests() > 0 {
		t.Errorf("untrusted: %q, %v", a.asked, err)
	}
	b.configure(map[string]any{"trusted": true, "kubernetes": map[string]any{"preflight": false}})
	if result := b.preflight(nil); len(result.Findings) == 0 {
		t.Error("nothing was found after the command")
	}
	if _, err := os.Stat(mark); err != nil || a.requests() == 0 {
		t.Errorf("after the command: %q, %v", a.asked, err)
	}
}

func TestCompletionFromTheCluster(t *testing.T) {
	b, a, _ := onCluster(t, nil)
	offered := func(arguments string) string {
		t.Helper()
		source := strings.Replace(clusterFlow, `cpu=2, secrets=["s3-acces"], node_selector={"pool": "large"}, namespace="default"`, arguments, 1)
		at := strings.IndexByte(source, '|')
		b.buffer.Replace(strings.Replace(source, "|", "", 1))
		b.buffer.Diagnostics()
		position := b.buffer.At(at)
		var list protocol.CompletionList
		b.editor.Call(protocol.MethodTextDocumentCompletion, &position, &list)
		var labels []string
		for _, item := range list.Items {
			labels = append(labels, item.Label)
		}
		return strings.Join(labels, " ")
	}
	if got := offered(`namespace="|"`); got != "" || a.requests() > 0 {
		t.Errorf("before anything is known: %q, %d requests", got, a.requests())
	}
	if got := offered(`gpu_vendor="|"`); got != "nvidia amd" {
		t.Errorf("vendors: %q", got)
	}
	b.preflight(nil)
	asked := a.requests()
	for arguments, want := range map[string]string{
		`namespace="|"`:                               "default team",
		`service_account="|`:                          "default runner",
		`secrets="|"`:                                 "s3-access",
		`secrets=["s3-access", "|`:                    "s3-access",
		`image_pull_secrets=["|"]`:                    "s3-access",
		`node_selector={"|"}`:                         "pool zone",
		`node_selector={"pool": "|"}`:                 "large small",
		`node_selector={"zone": "a", "pool": '|'}`:    "large small",
		`node_selector="po|"`:                         "pool zone",
		`node_selector="zone=a,pool=|"`:               "large small",
		`persistent_volume_claims={"|": "/d"}`:        "data",
		`persistent_volume_claims={"data": "|"}`:      "",
		`tolerations=[{"|"}]`:                         "key operator value effect toleration_seconds",
		`tolerations=[{"key": "|"}]`:                  "gpu",
		`tolerations=[{"key": "gpu", "operator": "|`:  "Exists Equal",
		`tolerations=[{"key": "gpu", "value": "|"}]`:  "true",
		`image="|"`:                                   "",
		`cpu=2, namespace="team", service_account="|`: "", // a namespace that was not looked at
	} {
		if got := offered(arguments); got != want {
			t.Errorf("%s: %q, want %q", arguments, got, want)
		}
	}
	if a.requests() != asked {
		t.Errorf("%d requests for completion", a.requests()-asked)
	}
}
