//go:build e2ekube

package kube

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flowls/runner/local"
	"flowls/server"
	"flowls/server/fakeeditor"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// session is a user with an editor, a real `flowls serve`, a folder with one
// flow, and a namespace of the cluster. The server can be killed and started
// anew; runs go on meanwhile.
type session struct {
	t         *testing.T
	dir, path string
	flow      string
	python    string
	namespace *namespace
	server    *exec.Cmd
	editor    *fakeeditor.Editor
	buffer    *fakeeditor.Buffer
	patience  time.Duration // of until
}

// newSession opens a flow of flows/ in an editor, in a trusted workspace.
// options are further settings, as initialization options.
func newSession(t *testing.T, file, flowName string, options map[string]any) *session {
	t.Helper()
	python := os.Getenv("FLOWLS_E2E_PYTHON")
	if python == "" {
		t.Fatal("FLOWLS_E2E_PYTHON is not set: run make e2e-kube")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(flow(t, file))
	if err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, dir: dir, path: filepath.Join(dir, file), flow: flowName, python: python, namespace: newNamespace(t), patience: 5 * time.Minute}
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	t.Setenv("METAFLOW_HOME", filepath.Join(dir, "home"))
	t.Setenv("METAFLOW_USER", "tester")
	t.Setenv("METAFLOW_DATASTORE_SYSROOT_LOCAL", dir) // a .metaflow in a folder above would be taken
	t.Setenv("METAFLOW_KUBERNETES_NAMESPACE", s.namespace.name)
	s.save(string(source))
	t.Cleanup(s.stopAll)
	s.open(options)
	return s
}

func (s *session) save(source string) {
	s.t.Helper()
	if err := os.WriteFile(s.path, []byte(source), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if s.buffer != nil {
		s.buffer.Replace(source)
		s.editor.Notify(protocol.MethodTextDocumentDidSave, &protocol.DidSaveTextDocumentParams{TextDocument: protocol.TextDocumentIdentifier{URI: s.buffer.URI}})
	}
}

// open starts a server and an editor.
func (s *session) open(options map[string]any) {
	s.t.Helper()
	settings := map[string]any{"trusted": true, "interpreter": s.python}
	for name, value := range options {
		settings[name] = value
	}
	inRead, inWrite, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.server = exec.Command(binary(s.t), "serve")
	s.server.Stdin, s.server.Stdout, s.server.Stderr = inRead, outWrite, os.Stderr
	if err := s.server.Start(); err != nil {
		s.t.Fatal(err)
	}
	inRead.Close()
	outWrite.Close()
	ended := make(chan error, 1)
	go func(server *exec.Cmd) { ended <- server.Wait() }(s.server)
	s.editor = fakeeditor.Connect(s.t, pipe{outRead, inWrite}, ended, fakeeditor.Options{
		InitializationOptions: settings, Folders: []string{s.dir},
	})
	s.editor.Ignored = []string{
		"flowls/runChanged", "flowls/graphChanged", "flowls/serverStatus", "$/progress", "window/logMessage", "window/showMessage",
		protocol.MethodTextDocumentPublishDiagnostics, protocol.MethodWorkspaceCodeLensRefresh, protocol.MethodWorkspaceInlayHintRefresh,
		protocol.MethodWindowShowMessageRequest, protocol.MethodWindowShowDocument,
	}
	s.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		for i := range p.Actions {
			if p.Actions[i].Title == "Launch anyway" { // tests launch what cannot run on purpose
				return &p.Actions[i]
			}
		}
		return nil
	}
	source, err := os.ReadFile(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	s.buffer = s.editor.Open(uri.File(s.path), string(source))
}

type pipe struct {
	io.ReadCloser
	in io.WriteCloser
}

func (p pipe) Write(b []byte) (int, error) { return p.in.Write(b) }
func (p pipe) Close() error                { return errors.Join(p.in.Close(), p.ReadCloser.Close()) }

// kill ends the server as a crash does: without a word.
func (s *session) kill() {
	s.t.Helper()
	if err := s.server.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	if err := s.editor.Served(); err == nil {
		s.t.Error("the server was killed and ended well")
	}
}

// execute gives a command about the flow of the session.
func (s *session) execute(command string, argument map[string]any, result any) error {
	s.t.Helper()
	whole := map[string]any{"uri": s.buffer.URI, "flow": s.flow}
	for name, value := range argument {
		whole[name] = value
	}
	return s.command(command, whole, result)
}

// command gives any command.
func (s *session) command(command string, argument map[string]any, result any) error {
	s.t.Helper()
	raw, err := json.Marshal(argument)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.editor.TryCall(protocol.MethodWorkspaceExecuteCommand, &protocol.ExecuteCommandParams{
		Command: command, Arguments: []protocol.LSPAny{raw},
	}, result)
}

// launch gives a command that starts a run, and answers flowls' id of the run: of
// what cannot run as well, after the question.
func (s *session) launch(command string, argument map[string]any) string {
	s.t.Helper()
	known := s.records()
	var raw json.RawMessage
	if err := s.execute(command, argument, &raw); err != nil {
		s.t.Fatalf("%s %v: %v", command, argument, err)
	}
	var result struct{ RunID, Offered string }
	err := json.Unmarshal(raw, &result)
	if result.Offered == "flowls.launch" {
		s.until("the question is answered", func() bool {
			for id := range s.records() {
				if !known[id] {
					result.RunID = id
				}
			}
			return result.RunID != ""
		})
	}
	if err != nil || result.RunID == "" {
		s.t.Fatalf("%s %v started nothing: %s, %v", command, argument, raw, err)
	}
	return result.RunID
}

// request asks one of flowls' own requests about the flow of the session.
func (s *session) request(method string, params map[string]any, result any) {
	s.t.Helper()
	whole := map[string]any{"uri": s.buffer.URI, "flow": s.flow}
	for name, value := range params {
		whole[name] = value
	}
	raw, err := json.Marshal(whole)
	if err != nil {
		s.t.Fatal(err)
	}
	var answer json.RawMessage
	s.editor.Call(method, json.RawMessage(raw), &answer)
	if err := json.Unmarshal(answer, result); err != nil {
		s.t.Fatalf("%s: %v", answer, err)
	}
}

// run is how a run stands, tasks and artifacts included.
func (s *session) run(id string) (info server.RunInfo) {
	s.t.Helper()
	s.request("flowls/run", map[string]any{"runId": id}, &info)
	return info
}

// step is one step of run.
func (s *session) step(id, name string) server.RunStepInfo {
	s.t.Helper()
	for _, step := range s.run(id).Steps {
		if step.Name == name {
			return step
		}
	}
	return server.RunStepInfo{Name: name}
}

// until waits for something that the cluster takes its time for.
func (s *session) until(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(s.patience); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("not within %v: %s\njobs: %d, live pods: %v\n%s", s.patience, what, len(s.namespace.jobs()), s.namespace.live(), s.logs())
		}
	}
}

// ended waits for the end of a run.
func (s *session) ended(id string) server.RunInfo {
	s.t.Helper()
	var info server.RunInfo
	s.until("run "+id+" has ended", func() bool {
		info = s.run(id)
		return info.EndedAt != ""
	})
	return info
}

// succeeded waits for the end of a run, which must be good.
func (s *session) succeeded(id string) server.RunInfo {
	s.t.Helper()
	info := s.ended(id)
	if info.Status != "succeeded" {
		s.t.Fatalf("run %s %s: %s\n%s", id, info.Status, info.Reason, s.logs())
	}
	return info
}

// logs is what all runs of the session printed.
func (s *session) logs() string {
	var all strings.Builder
	records, err := s.registry().List()
	if err != nil {
		return err.Error()
	}
	for _, r := range records {
		text, err := os.ReadFile(r.OutputPath())
		all.WriteString("== " + r.CommandLine() + "\n")
		all.Write(text)
		if err != nil {
			all.WriteString(err.Error())
		}
	}
	return all.String()
}

// records are the ids of all runs that were started.
func (s *session) records() map[string]bool {
	s.t.Helper()
	all, err := s.registry().List()
	if err != nil {
		s.t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, r := range all {
		ids[r.ID] = true
	}
	return ids
}

func (s *session) registry() *local.Registry {
	registry, err := local.Default()
	if err != nil {
		s.t.Fatal(err)
	}
	return registry
}

// stopAll leaves no run behind, whatever the test did.
func (s *session) stopAll() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	registry := s.registry()
	all, err := registry.List()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range all {
		if _, err := registry.Stop(ctx, r.ID); err != nil {
			s.t.Error(err)
		}
	}
}

// client runs Python with Metaflow's client in the folder of the flow; what it
// prints behind RESULT is JSON.
func (s *session) client(code string, result any) {
	s.t.Helper()
	out, err := launcher{s.dir, s.python}.run(s.t, "-c", "import json\nfrom metaflow import Flow, Run, Step, Task, namespace\nnamespace(None)\n"+code)
	if err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
	_, answer, found := strings.Cut(out, "RESULT ")
	if err := json.Unmarshal([]byte(answer), result); !found || err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
}
