//go:build e2ekube

package kube

import (
	"slices"
	"strings"
	"testing"

	"flowls/server"

	"go.lsp.dev/protocol"
)

// What the code raises in a pod stands at its line, although Metaflow keeps it in
// the data store; what the image lacks is said so.
func TestExceptionsOfPods(t *testing.T) {
	for name, c := range map[string]struct {
		body, top string
		at        string
		says      []string
		fix       string // its title
	}{
		"raised": {
			body: `raise ValueError("no such model")`, at: `raise ValueError("no such model")`,
			says: []string{"ValueError: no such model\nraised in run ", ", pod t-", " on node-1"},
		},
		"module": {
			body: "import polars_of_nobody", at: "import polars_of_nobody",
			says: []string{"ModuleNotFoundError: No module named 'polars_of_nobody'", "has no `polars_of_nobody`", "`@pypi(packages={…})`"},
		},
		"package": {
			body: "import polars", at: "import polars",
			says: []string{"ModuleNotFoundError: No module named 'polars'", "has no `polars`", "have `polars` installed by `@pypi(packages={…})`"},
			fix:  "Install polars in any version with @pypi, which needs --environment=pypi",
		},
		"imported": {
			top: "try:\n    open(\"/host-only\").close()\nexcept OSError:\n    import os\n    if os.environ.get(\"METAFLOW_KUBERNETES_WORKLOAD\"):\n        import polars_of_nobody\n",
			at:  "import polars_of_nobody", says: []string{"ModuleNotFoundError: No module named 'polars_of_nobody'", "has no `polars_of_nobody`"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, "trouble.py", "TroubleFlow", nil)
			text := troubled(t, trouble{body: c.body})
			s.save(strings.Replace(text, "import os\n", "import os\n"+c.top, 1))
			id := s.launch("flowls.launch", nil)
			s.ended(id)
			// The exception and the pod are told by two, in any order.
			var found protocol.Diagnostic
			var message string
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("it was said last: %s", message)
				}
			})
			s.until("the editor says "+strings.Join(c.says, " … "), func() bool {
				d, said := s.says("MF801")
				if !said {
					return false
				}
				found, message = d, messageText(d)
				return !slices.ContainsFunc(c.says, func(want string) bool { return !strings.Contains(message, want) })
			})
			if got := s.at(found.Range); got != c.at {
				t.Errorf("it stands at %q", got)
			}
			if offered := slices.ContainsFunc(s.actions(), func(a protocol.CodeAction) bool { return a.Title == c.fix && a.Edit != nil }); offered != (c.fix != "") {
				t.Errorf("the fix %q: offered %v", c.fix, offered)
			}
			// The log names the file as the container had it.
			s.until("the log leads to the line", func() bool {
				var log server.LogResult
				s.request("flowls/log", map[string]any{"runId": id, "step": "start"}, &log)
				return slices.ContainsFunc(log.Frames, func(f server.LogFrame) bool {
					return strings.HasSuffix(f.File, "/metaflow/trouble.py") && f.URI == s.buffer.URI && f.Text == c.at
				})
			})
			t.Log(message)
		})
	}
}
