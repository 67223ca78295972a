//go:build e2ekube

package kube

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"flowls/server"

	"go.lsp.dev/protocol"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// trouble is a step that the cluster takes badly, and what the editor says of it.
type trouble struct {
	decorator, body string
	before          func(*namespace)
	code, at        string // of the diagnostic, and the text that it underlines
	says            string
	ends            bool           // by itself; the others wait without end
	log             string         // what the log of the task has, if it came to print
	fix             string         // how its title begins: the flow runs once it is applied
	amend           func(*session) // once the fix is applied
	again           func(*session) // once it is launched again
}

var troubles = map[string]trouble{
	"out of memory": {
		decorator: `@kubernetes(cpu=1, memory=200, qos="guaranteed")`, body: `self.made = len(b"x" * (100 << 20))`,
		code: "MF810", at: "memory=200", says: "Out of memory: the task used more than its limit of 200 MB", ends: true,
		fix: "Ask for 400 MB of memory",
	},
	"image": {
		decorator: `@kubernetes(image="localhost:1/nothere:1")`,
		code:      "MF811", at: `image="localhost:1/nothere:1"`, says: "The image `localhost:1/nothere:1` cannot be had: ",
		fix: "Remove the image: Metaflow takes its own",
	},
	"absurd request": {
		decorator: `@kubernetes(cpu=900)`, code: "MF812", at: "cpu=900", says: "No node has 900 CPU: the most that one can give is ",
		fix: "Ask for ", // what a node of this cluster can give
	},
	"node selector": {
		decorator: `@kubernetes(node_selector="pool=large")`, code: "MF812", at: `node_selector="pool=large"`, says: "labels that the node selector asks for",
		fix: "Remove the node selector",
	},
	"quota": {
		decorator: `@kubernetes(memory=300)`, before: lowQuota, code: "MF813", at: "memory=300", says: "the quota `low` of the namespace does not allow it",
		fix: "Ask for 293 MB of memory, which the quota `low` leaves",
	},
	"service account": {
		decorator: `@kubernetes(service_account="nothere")`, code: "MF813", at: `service_account="nothere"`, says: "the service account `nothere` does not exist",
		fix: "Remove the service account: the namespace has a default one",
	},
	"secret": {
		decorator: `@kubernetes(secrets=["nothere"])`, code: "MF814", at: `secrets=["nothere"]`, says: `secret "nothere" not found`,
		fix: "Remove `nothere` from secrets",
	},
	"deadline": {
		decorator: `@timeout(seconds=60)`, body: "time.sleep(65)", code: "MF815", at: "seconds=60", says: "It ran longer than its time limit", ends: true,
		fix: "Allow 120 seconds",
	},
	// What a program does on purpose the flow can do without, as the user chooses; its last words are a click away.
	"exit": {
		body: `print("about to leave", flush=True); os._exit(3)`, code: "MF817", at: "start", says: "ended with exit code 3", ends: true,
		log: "about to leave", fix: "Let the flow go on without what the step sets when it fails: add @catch(", again: caught,
	},
	"exit now and then": {
		body: `print("about to leave", flush=True); current.retry_count or os._exit(3)`, code: "MF817", at: "start", says: "ended with exit code 3", ends: true,
		log: "about to leave", fix: "Run the step again when it fails: add @retry(times=2)", amend: atOnce,
	},
}

// caught: the task that left once more is none of the failures of its run.
func caught(s *session) {
	s.t.Helper()
	s.until("the failure is caught", func() bool { return strings.Contains(s.lenses(), "exception caught") })
}

// atOnce: a user has the two minutes that Metaflow waits before it tries again.
func atOnce(s *session) {
	s.t.Helper()
	s.save(strings.Replace(s.buffer.Text(), "@retry(times=2)", "@retry(times=2, minutes_between_retries=0)", 1))
}

func lowQuota(n *namespace) {
	n.t.Helper()
	quota := &corev1.ResourceQuota{ObjectMeta: v1.ObjectMeta{Name: "low"}, Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"requests.memory": resource.MustParse("280Mi")}}}
	if _, err := n.core.CoreV1().ResourceQuotas(n.name).Create(n.t.Context(), quota, v1.CreateOptions{}); err != nil {
		n.t.Fatal(err)
	}
}

// Each trouble is real, ends as the right diagnostic at the right place, and the
// quick fix leads to a run that succeeds.
func TestTroubles(t *testing.T) {
	for name, c := range troubles {
		t.Run(name, func(t *testing.T) {
			c.show(t)
		})
	}
}

// show has the trouble happen, and mends it.
func (c trouble) show(t *testing.T) {
	s := newSession(t, "trouble.py", "TroubleFlow", nil)
	if c.before != nil {
		c.before(s.namespace)
	}
	s.save(troubled(t, c))
	id := s.launch("flowls.launch", nil)
	var found protocol.Diagnostic
	s.until("the editor says "+c.code, func() (said bool) {
		found, said = s.says(c.code)
		return said && strings.Contains(string(found.Message.(protocol.String)), c.says)
	})
	message := string(found.Message.(protocol.String))
	if got := s.at(found.Range); got != c.at {
		t.Errorf("it stands at %q, not at %q", got, c.at)
	}
	t.Log(message)
	if c.ends {
		if info := s.ended(id); info.Status != "failed" {
			t.Errorf("the run %s", info.Status)
		}
	} else {
		if !strings.Contains(message, "Metaflow waits for it without end") {
			t.Errorf("nothing is said of the wait: %s", message)
		}
		s.until("the lens warns", func() bool { return strings.Contains(s.lenses(), "⚠") })
		if err := s.execute("flowls.stop", map[string]any{"runId": id}, nil); err != nil {
			t.Fatal(err)
		}
		s.ended(id)
	}
	if c.log != "" {
		s.readsLog(c.log)
	}
	s.fix(c.fix)
	if out, err := exec.Command(binary(t), "check", s.path).CombinedOutput(); err != nil {
		t.Errorf("the fix is a mistake: %v\n%s\n%s", err, out, s.buffer.Text())
	}
	if c.amend != nil {
		c.amend(s)
	}
	id = s.launch("flowls.launch", nil)
	if c.again != nil {
		c.again(s)
	}
	s.succeeded(id)
	s.until("the diagnostic is gone", func() bool {
		_, said := s.says(c.code)
		return !said
	})
}

func troubled(t *testing.T, c trouble) string {
	t.Helper()
	source, err := os.ReadFile(flow(t, "trouble.py"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(source)
	if c.decorator != "" {
		text = strings.Replace(text, "# DECORATOR", c.decorator, 1)
	} else {
		text = strings.Replace(text, "    # DECORATOR\n", "", 1)
	}
	if c.body != "" {
		text = strings.Replace(text, "self.made = 1  # BODY", c.body, 1)
	}
	return text
}

// at is the text of a range on one line.
func (s *session) at(r protocol.Range) string {
	lines := strings.Split(s.buffer.Text(), "\n")
	if r.Start.Line != r.End.Line || int(r.Start.Line) >= len(lines) {
		return fmt.Sprint(r)
	}
	line := lines[r.Start.Line]
	return line[r.Start.Character:r.End.Character]
}

// says finds a diagnostic of the document: as what its code actions are for, since
// an editor that polls cannot wait for what is published.
func (s *session) says(code string) (protocol.Diagnostic, bool) {
	for _, action := range s.actions() {
		for _, d := range action.Diagnostics {
			if d.Code == protocol.String(code) {
				return d, true
			}
		}
	}
	return protocol.Diagnostic{}, false
}

func (s *session) actions() []protocol.CodeAction {
	s.t.Helper()
	var actions []protocol.CodeAction
	s.editor.Call(protocol.MethodTextDocumentCodeAction, &protocol.CodeActionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: s.buffer.URI},
		Range:        protocol.Range{End: protocol.Position{Line: 1000}},
		Context:      protocol.CodeActionContext{Diagnostics: []protocol.Diagnostic{}},
	}, &actions)
	return actions
}

// readsLog opens the log of what went wrong, if it came to print.
func (s *session) readsLog(says string) {
	s.t.Helper()
	for _, action := range s.actions() {
		if !strings.HasPrefix(action.Title, "Show the log of ") {
			continue
		}
		var at server.LogLocation
		s.editor.Call(protocol.MethodWorkspaceExecuteCommand, &protocol.ExecuteCommandParams{Command: action.Command.Command, Arguments: action.Command.Arguments}, &at)
		text, err := os.ReadFile(at.URI.Path())
		if err != nil || !strings.Contains(string(text), says) {
			s.t.Errorf("the log has no %q: %v\n%s", says, err, text)
		}
		return
	}
	s.t.Error("the log is not offered")
}

// lenses are the titles of all lenses.
func (s *session) lenses() string {
	s.t.Helper()
	var titles []string
	var all []protocol.CodeLens
	s.editor.Call(protocol.MethodTextDocumentCodeLens, &protocol.CodeLensParams{TextDocument: protocol.TextDocumentIdentifier{URI: s.buffer.URI}}, &all)
	for _, l := range all {
		titles = append(titles, l.Command.Title)
	}
	return strings.Join(titles, " | ")
}

// fix applies a quick fix by how its title begins, and saves.
func (s *session) fix(title string) {
	s.t.Helper()
	for _, action := range s.actions() {
		if strings.HasPrefix(action.Title, title) && action.Edit != nil {
			s.editor.Apply(action.Edit)
			s.save(s.buffer.Text())
			return
		}
	}
	s.t.Fatalf("no quick fix %q", title)
}
