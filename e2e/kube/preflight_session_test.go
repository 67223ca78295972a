//go:build e2ekube

package kube

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"flowls/server"

	"go.lsp.dev/protocol"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// foreseen is a step that cannot run, and what is said of it before the launch.
type foreseen struct {
	decorator string
	before    func(*namespace)
	code, at  string // of the diagnostic, and the text that it underlines
	says      string
	fix       string // its title
	launch    bool   // with the fix applied it runs
}

var foreseens = map[string]foreseen{
	"memory": {decorator: `@kubernetes(memory=9_000_000)`, code: "MF839", at: "9_000_000", says: "No node has 9 TB: the most that one can give is ", fix: "Change to "},
	"gpu":    {decorator: `@kubernetes(gpu=1, gpu_vendor="amd")`, code: "MF839", at: "1", says: "No node has `amd.com/gpu`"},
	"selector": {decorator: `@kubernetes(node_selector={"kubernetes.io/os": "windows"})`, code: "MF840", at: `"windows"`,
		says: "has not the labels `kubernetes.io/os=windows`; `kubernetes.io/os` is `linux`"},
	"namespace": {decorator: `@kubernetes(namespace="defaul")`, code: "MF834", at: `"defaul"`, says: "The cluster has no namespace `defaul`; did you mean `default`?", fix: `Change to "default"`},
	"account":   {decorator: `@kubernetes(service_account="defalt")`, code: "MF835", at: `"defalt"`, says: "has no service account `defalt`; did you mean `default`?", fix: `Change to "default"`, launch: true},
	"secret":    {decorator: `@kubernetes(secrets=["nothere"])`, code: "MF836", at: `"nothere"`, says: "has no secret `nothere`"},
	"claim":     {decorator: `@kubernetes(persistent_volume_claims={"nothere": "/data"})`, code: "MF837", at: `"nothere"`, says: "has no persistent volume claim `nothere`"},
	"limit range": {decorator: `@kubernetes(memory=4000)`, code: "MF841", at: "4000", says: "The limit range `low` of the namespace allows a container at most 300 MB", fix: "Change to 300", launch: true,
		before: func(n *namespace) {
			low := &corev1.LimitRange{ObjectMeta: v1.ObjectMeta{Name: "low"}, Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{
				{Type: corev1.LimitTypeContainer, Max: quantities("memory", "300M")}}}}
			if _, err := n.core.CoreV1().LimitRanges(n.name).Create(n.t.Context(), low, v1.CreateOptions{}); err != nil {
				n.t.Fatal(err)
			}
		}},
	"quota of limits": {decorator: `@kubernetes(memory=200)`, code: "MF842", at: "kubernetes", says: "takes only pods that set limits of memory: use `qos=\"guaranteed\"`", fix: `Add qos="guaranteed"`,
		before: func(n *namespace) {
			low := &corev1.ResourceQuota{ObjectMeta: v1.ObjectMeta{Name: "low"}, Spec: corev1.ResourceQuotaSpec{Hard: quantities("limits.memory", "1G")}}
			if _, err := n.core.CoreV1().ResourceQuotas(n.name).Create(n.t.Context(), low, v1.CreateOptions{}); err != nil {
				n.t.Fatal(err)
			}
		}},
	"pod security": {decorator: `@kubernetes(memory=200)`, code: "MF843", at: "kubernetes", says: "The cluster would refuse the task: violates PodSecurity \"restricted:latest\"",
		before: func(n *namespace) {
			patch := []byte(`{"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}`)
			if _, err := n.core.CoreV1().Namespaces().Patch(n.t.Context(), n.name, types.MergePatchType, patch, v1.PatchOptions{}); err != nil {
				n.t.Fatal(err)
			}
		}},
	"port": {decorator: `@kubernetes(port=70000)`, code: "MF843", at: "70000", says: "Port 70000 does not exist"},
}

func (s *session) preflight() (result server.PreflightResult) {
	s.t.Helper()
	var raw json.RawMessage
	if err := s.execute("flowls.preflight", nil, &raw); err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &result); err != nil {
		s.t.Fatal(err)
	}
	return result
}

// What keeps a step from running is said before the launch, where it is written;
// with the quick fix the check is content, and the flow runs.
func TestForeseen(t *testing.T) {
	for name, c := range foreseens {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, "trouble.py", "TroubleFlow", nil)
			if c.before != nil {
				c.before(s.namespace)
			}
			s.save(troubled(t, trouble{decorator: c.decorator}))
			var found protocol.Diagnostic
			var took time.Duration
			s.until("it says "+c.code, func() (said bool) { // once the cluster itself heeds what was made a moment ago
				begin := time.Now()
				s.preflight()
				took = time.Since(begin)
				found, said = s.says(c.code)
				return said
			})
			message := messageText(found)
			if got := s.at(found.Range); got != c.at || !strings.Contains(message, c.says) {
				t.Errorf("at %q: %s\nwant at %q: %s", got, message, c.at, c.says)
			}
			t.Logf("%s (%v)", message, took.Round(time.Millisecond))
			if c.fix == "" {
				return
			}
			if !strings.HasSuffix(c.fix, " ") {
				s.fix(c.fix)
			} else { // the most that fits is the node's to say
				for _, action := range s.actions() {
					if strings.HasPrefix(action.Title, c.fix) {
						s.fix(action.Title)
					}
				}
			}
			for _, f := range s.preflight().Findings {
				if f.Step != "end" { // which has no decorator, and may lack the same
					t.Errorf("after the fix: %+v\n%s", f, s.buffer.Text())
				}
			}
			if c.launch {
				s.succeeded(s.launch("flowls.launch", nil))
			}
		})
	}
}

// What is sound is left alone: on demand, and with the switch on while typing.
func TestNothingKeepsIt(t *testing.T) {
	s := newSession(t, "fan_out.py", "FanOutFlow", map[string]any{"kubernetes": map[string]any{"preflight": true}})
	if result := s.preflight(); len(result.Findings) > 0 || len(result.Notes) > 0 || len(result.Steps) != 4 {
		t.Errorf("%+v", result)
	}
	s.save(troubled(t, trouble{decorator: `@kubernetes(cpu=900)`}))
	s.until("the editor says so by itself", func() bool { _, said := s.says("MF839"); return said })
	s.save(troubled(t, trouble{decorator: `@kubernetes(cpu=1)`}))
	s.until("it is gone", func() bool { _, said := s.says("MF839"); return !said })
}

// What is made in the cluster makes the finding vanish, without typing; what is
// deleted there brings it back.
func TestNewsOfTheCluster(t *testing.T) {
	s := newSession(t, "trouble.py", "TroubleFlow", map[string]any{"kubernetes": map[string]any{"preflight": true}})
	s.save(troubled(t, trouble{decorator: `@kubernetes(secrets=["later"])`}))
	s.until("the secret is missing", func() bool { _, said := s.says("MF836"); return said })
	secrets := s.namespace.core.CoreV1().Secrets(s.namespace.name)
	begin := time.Now()
	if _, err := secrets.Create(t.Context(), &corev1.Secret{ObjectMeta: v1.ObjectMeta{Name: "later"}}, v1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.until("it is there", func() bool { _, said := s.says("MF836"); return !said })
	took := time.Since(begin)
	if t.Logf("after %v", took.Round(time.Millisecond)); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if err := secrets.Delete(t.Context(), "later", v1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.until("it is missing again", func() bool { _, said := s.says("MF836"); return said })
}

// A bucket that is not there, a kubeconfig without a cluster.
func TestWhatIsBeyondTheFile(t *testing.T) {
	s := newSession(t, "trouble.py", "TroubleFlow", nil)
	s.kill()
	t.Setenv("METAFLOW_DATASTORE_SYSROOT_S3", "s3://nothere/flows")
	s.open(nil)
	if result := s.preflight(); len(result.Findings) != 1 || result.Findings[0].Code != "MF830" || !strings.Contains(result.Findings[0].Message, `no bucket "nothere"`) {
		t.Errorf("%+v", result)
	}
	s.kill()
	t.Setenv("METAFLOW_DEFAULT_DATASTORE", "local")
	s.open(map[string]any{"kubernetes": map[string]any{"context": "nothere"}})
	result := s.preflight()
	if len(result.Findings) != 2 || result.Findings[0].Code != "MF830" || result.Findings[1].Code != "MF831" || !strings.Contains(result.Findings[1].Message, `context "nothere" does not exist`) {
		t.Errorf("%+v", result)
	}
}

func messageText(d protocol.Diagnostic) string {
	text, _ := d.Message.(protocol.String)
	return string(text)
}
