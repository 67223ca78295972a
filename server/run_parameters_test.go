package server_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/server"

	"go.lsp.dev/protocol"
)

const paramsFlow = `from metaflow import Config, FlowSpec, IncludeFile, JSONType, Parameter, step
import os


class Params(FlowSpec):
    alpha = Parameter("alpha", default=0.1, help="learning rate")
    epochs = Parameter("epochs", type=int, required=True)
    verbose = Parameter("verbose", default=False)
    spec = Parameter("spec", type=JSONType, default='{}')
    names = Parameter("names", default="a,b", separator=",")
    api_key = Parameter("api_key", default="none")
    data = IncludeFile("data")
    cfg = Config("cfg", default_value={"depth": 1})

    @step
    def start(self):
        print("got", self.alpha, self.epochs, self.verbose, self.spec, self.names, len(self.api_key), self.data, self.cfg.depth)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Params()
`

// line asks for a command line: what would be run, or why it is refused.
func (b *workbench) line(command string, argument map[string]any) (server.CommandLineResult, error) {
	b.t.Helper()
	whole := map[string]any{"uri": b.buffer.URI, "flow": b.flow}
	for name, v := range argument {
		whole[name] = v
	}
	var result server.CommandLineResult
	err := b.execute("flowls.commandLine", map[string]any{"command": command, "argument": whole}, &result)
	b.editor.Discard("window/showMessage")
	return result, err
}

func TestValuesAreChecked(t *testing.T) {
	b := newWorkbench(t, "Params", paramsFlow)
	b.open(true)
	type m = map[string]any
	for _, c := range []struct {
		parameters, configs, options m
		want                         string // the end of the command line, or of the refusal
	}{
		{m{"epochs": 3}, nil, nil, "flow.py run --epochs=3"},
		{m{"epochs": "3", "alpha": nil, "verbose": true}, nil, nil, " run --epochs=3 --verbose=True"},
		{m{"epochs": -3, "alpha": "-1e-3", "verbose": "no"}, nil, nil, " run --alpha=-1e-3 --epochs=-3 --verbose=False"},
		{m{"epochs": 1, "spec": m{"a": []int{1}}, "names": []string{"x", "y z"}}, nil, nil, ` run --epochs=1 '--spec={"a":[1]}' '--names=x,y z'`},
		{m{"epochs": 1, "spec": "[1]", "names": "it's"}, nil, nil, ` run --epochs=1 '--spec=[1]' '--names=it'\''s'`},
		{m{"epochs": 1, "api_key": "hunter2"}, nil, nil, " run --epochs=1"},
		{m{"epochs": 1, "data": "flow.py"}, m{"cfg": m{"depth": 2}}, nil, ` --config-value cfg '{"depth":2}' run --epochs=1 --data=flow.py`},
		{m{"epochs": 1}, m{"cfg": "flow.py"}, nil, " --config cfg flow.py run --epochs=1"},
		{m{"epochs": 1}, nil, m{"with": []string{"retry:times=2"}, "tags": []string{"a b"}, "maxWorkers": 2, "maxNumSplits": 9, "environment": "pypi", "namespace": "", "profile": "p"},
			" --environment=pypi run --with=retry:times=2 '--tag=a b' --max-workers=2 --max-num-splits=9 --namespace= --epochs=1"},

		{nil, nil, nil, "`epochs` needs a value: it has no default"},
		{m{"epochs": nil}, nil, nil, "`epochs` needs a value: it has no default"},
		{m{"epochs": 1.5}, nil, nil, "`epochs` must be a whole number, not \"1.5\""},
		{m{"epochs": 1, "alpha": "0x1p3"}, nil, nil, "`alpha` must be a number, not \"0x1p3\""},
		{m{"epochs": 1, "verbose": "maybe"}, nil, nil, "`verbose` must be true or false, not \"maybe\""},
		{m{"epochs": 1, "spec": "{"}, nil, nil, "`spec` must be JSON, not \"{\""},
		{m{"epochs": 1, "data": "none.csv"}, nil, nil, "is a file, and " + filepath.Join(b.dir, "none.csv") + " is none"},
		{m{"epochs": 1}, m{"cfg": "none.json"}, nil, "`cfg` is a file, and " + filepath.Join(b.dir, "none.json") + " is none"},
		{m{"epochs": 1, "alph": 1}, nil, nil, "Params has no parameter `alph`; did you mean `alpha`?"},
		{m{"epochs": 1, "cfg": 1}, nil, nil, "Params has no parameter `cfg`"},
		{m{"epochs": 1}, m{"alpha": 1}, nil, "Params has no Config `alpha`"},
		{m{"epochs": 1}, nil, m{"environment": "docker"}, `environment "docker": use one of local, conda, pypi, uv`},
		{m{"epochs": 1}, nil, m{"with": []string{"--help"}}, "is no decorator: write `retry`, or with arguments `retry:times=3`"},
		{m{"epochs": 1}, nil, m{"profile": "../x"}, `profile "../x" is no name of a configuration`},
	} {
		argument := m{"parameters": c.parameters, "configs": c.configs}
		if c.options != nil {
			argument["options"] = c.options
		}
		got, err := b.line("flowls.run", argument)
		text := got.CommandLine
		if err != nil {
			text = err.Error()
		}
		if !strings.HasSuffix(text, c.want) || strings.Contains(text, "hunter2") {
			t.Errorf("%v %v %v:\ngot  %s\nwant … %s", c.parameters, c.configs, c.options, text, c.want)
		}
	}
	if _, err := b.line("flowls.stop", nil); err == nil || !strings.Contains(err.Error(), "starts no run") {
		t.Errorf("%v", err)
	}
	if _, err := b.line("flowls.run", m{"paramaters": m{}}); err == nil || !strings.Contains(err.Error(), "unknown field") {
		t.Errorf("%v", err)
	}
	if runs := b.runs(); len(runs) != 0 {
		t.Errorf("started: %+v", runs)
	}
}

// What is shown for copying does the same as the command, in any shell and folder.
func TestCommandLineCanBePasted(t *testing.T) {
	b := newWorkbench(t, "Params", paramsFlow)
	b.open(false) // it executes nothing
	argument := map[string]any{"uri": b.buffer.URI, "flow": "Params", "parameters": map[string]any{"epochs": 2, "names": "it's $HOME", "spec": map[string]any{"a": "b c"}}}
	var line server.CommandLineResult
	if err := b.execute("flowls.commandLine", map[string]any{"command": "flowls.run", "argument": argument}, &line); err != nil {
		t.Fatal(err)
	}
	var shown protocol.ShowMessageParams
	b.editor.Await("window/showMessage", &shown)
	if shown.Message != line.CommandLine || line.Dir != b.dir || !slices.Contains(line.Argv, "--names=it's $HOME") {
		t.Errorf("shown %q, answered %+v", shown.Message, line)
	}
	paste := func(text string, environ ...string) (string, error) {
		shell := exec.Command("sh", "-c", text)
		shell.Dir, shell.Env = "/", append(os.Environ(), environ...)
		out, err := shell.CombinedOutput()
		return string(out), err
	}
	// A secret is not in it, and not forgotten either.
	argument["parameters"].(map[string]any)["api_key"] = "hunter2"
	secret, err := b.line("flowls.run", argument)
	if err != nil || strings.Contains(secret.CommandLine, "hunter2") {
		t.Errorf("%+v, %v", secret, err)
	}
	if out, err := paste(secret.CommandLine); err == nil || !strings.Contains(out, "METAFLOW_RUN_API_KEY: parameter") {
		t.Errorf("without the secret: %v\n%s", err, out)
	}
	if out, err := paste(secret.CommandLine, "METAFLOW_RUN_API_KEY=12345"); err != nil || !strings.Contains(out, `["it's $HOME"] 5 None`) {
		t.Errorf("with the secret: %v\n%s", err, out)
	}
	out, err := paste(line.CommandLine)
	if err != nil || !strings.Contains(out, `got 0.1 2 False {'a': 'b c'} ["it's $HOME"]`) {
		t.Errorf("%v\n%s", err, out)
	}
}

// The dialog of an editor that knows LSP and nothing else.
func TestRunWithParametersInPlainLSP(t *testing.T) {
	b := newWorkbench(t, "Params", paramsFlow)
	b.open(true)
	if got := b.lensOf("class Params"); got != "▶ Run flow | ☁ Launch on Kubernetes | ▶ with parameters…" {
		t.Errorf("lenses: %q", got)
	}
	asked := make(chan protocol.ShowMessageRequestParams, 1)
	answer := make(chan string, 1)
	b.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		asked <- p
		return &protocol.MessageActionItem{Title: <-answer}
	}
	ask := func(choice string) string {
		t.Helper()
		answer <- choice
		if got := b.launch("flowls.runWithParameters", nil); got.Offered != "flowls.run" || got.RunID != "" {
			t.Errorf("answer: %+v", got)
		}
		p := <-asked
		text := p.Message
		for _, a := range p.Actions {
			text += "|" + a.Title
		}
		return text
	}
	// There is a parameter without a default, so there is no run with defaults.
	if got := ask("Edit values"); got != "Run Params: with which values?|Edit values" {
		t.Errorf("first: %q", got)
	}
	var shown protocol.ShowDocumentParams
	b.editor.Await("window/showDocument", &shown)
	var told protocol.ShowMessageParams
	b.editor.Await("window/showMessage", &told)
	if !strings.HasPrefix(told.Message, "Edit the values, save, and give the command") {
		t.Errorf("told: %q", told.Message)
	}
	path := shown.URI.FsPath()
	var values struct {
		About               map[string]string
		Parameters, Configs map[string]any
		Options             map[string]any
	}
	read := func() string {
		t.Helper()
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &values); err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	read()
	if values.Parameters["alpha"] != 0.1 || values.Parameters["epochs"] != nil || values.About["alpha"] != "Parameter, float, default 0.1, learning rate" || len(values.Options) != 7 {
		t.Errorf("document: %+v", values)
	}
	// Not yet edited.
	if got := ask("Edit values"); got != "The values for Params cannot be used: `epochs` needs a value: it has no default. Edit them.|Edit values" {
		t.Errorf("second: %q", got)
	}
	b.editor.Await("window/showDocument", nil)
	if err := os.WriteFile(path, []byte("{\n  x\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ask(""); !strings.Contains(got, "line 2 of "+path+" is no JSON") {
		t.Errorf("broken: %q", got)
	}
	values.Parameters["epochs"], values.Parameters["api_key"] = 4, "hunter2-secret"
	values.Options["tags"] = []string{"mine"}
	data, err := json.Marshal(map[string]any{"parameters": values.Parameters, "configs": map[string]any{"cfg": map[string]any{"depth": 5}}, "options": values.Options})
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	got := ask("Run with these values")
	want := `Run Params with alpha=0.1, api_key=…, epochs=4, names=a,b, spec={}, verbose=False, cfg={"depth":5}, --tag=mine?|Run with these values|Edit values`
	if got != want {
		t.Errorf("third:\ngot  %q\nwant %q", got, want)
	}
	b.until("the flow runs", func() bool { return len(b.runs()) == 1 })
	info := b.ended(b.runs()[0].RunID)
	var log server.LogResult
	b.request("flowls/log", map[string]any{"runId": info.RunID}, &log)
	if info.Status != "succeeded" || !strings.Contains(log.Text, "got 0.1 4 False {} ['a', 'b'] 14 None 5") || strings.Contains(log.Text+info.CommandLine, "hunter2") {
		t.Errorf("%+v\n%s", info, log.Text)
	}
	if text := read(); values.Parameters["epochs"] != float64(4) || strings.Contains(text, "hunter2") {
		t.Errorf("remembered: %s", text)
	}
	var form server.RunForm
	b.request("flowls/runForm", map[string]any{"uri": b.buffer.URI, "flow": "Params"}, &form)
	if !form.Remembered || len(form.Options.Tags) != 1 || len(form.Fields) != 8 {
		t.Fatalf("%+v", form)
	}
	epochs, key := form.Fields[1], form.Fields[5]
	if epochs.Type != "int" || !epochs.Required || epochs.Last != float64(4) || !key.Secret || key.Last != nil {
		t.Errorf("%+v\n%+v", epochs, key)
	}
	b.editor.Discard("window/showMessage")
	b.editor.Discard("window/showMessageRequest")
	b.editor.Discard("window/showDocument")
}

// Trust is looked at again when the answer comes.
func TestAnswerInAnUntrustedWorkspace(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(false)
	for _, command := range []string{"flowls.runWithParameters", "flowls.runTask", "flowls.rerunFailed", "flowls.withOptions"} {
		argument := map[string]any{"uri": b.buffer.URI, "flow": "Score"}
		if command == "flowls.runTask" {
			argument["step"] = "fit"
		}
		if err := b.execute(command, argument, nil); err == nil || !strings.Contains(err.Error(), "not trusted") {
			t.Errorf("%s: %v", command, err)
		}
	}
}

// What has no lens can be reached by a code action at the name.
func TestActionsAtFlowAndStep(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(true)
	actions := func(at string, kind protocol.CodeActionTriggerKind) string {
		t.Helper()
		offset := strings.Index(b.buffer.Text(), at)
		var list []struct {
			Title   string
			Command protocol.Command
		}
		var raw json.RawMessage
		b.editor.Call(protocol.MethodTextDocumentCodeAction, &protocol.CodeActionParams{
			TextDocument: protocol.TextDocumentIdentifier{URI: b.buffer.URI},
			Range:        protocol.Range{Start: b.buffer.Position(offset), End: b.buffer.Position(offset)},
			Context:      protocol.CodeActionContext{Diagnostics: []protocol.Diagnostic{}, TriggerKind: kind},
		}, &raw)
		if err := json.Unmarshal(raw, &list); err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, a := range list {
			titles = append(titles, a.Title)
			if a.Command.Command == "flowls.commandLine" { // as the editor does
				if err := b.editor.TryCall(protocol.MethodWorkspaceExecuteCommand, &protocol.ExecuteCommandParams{Command: a.Command.Command, Arguments: a.Command.Arguments}, nil); err != nil && !strings.Contains(err.Error(), "There is no run of Score yet, so step fit has no inputs") {
					t.Errorf("%s: %v", a.Title, err)
				}
			}
		}
		return strings.Join(titles, "|")
	}
	if got := actions("Score(", protocol.CodeActionTriggerKindInvoked); got != "Run Score with parameters and options|Show the command line that runs Score|Check Score against the cluster|Stop all runs of Score" {
		t.Errorf("flow: %q", got)
	}
	if got := actions("fit(self", protocol.CodeActionTriggerKindInvoked); got != "Run step fit with the inputs of a task…|Run step fit with options…|Resume from step fit with options…|Show the command line that runs step fit|Check step fit against the cluster" {
		t.Errorf("step: %q", got)
	}
	if got := actions("Score(", protocol.CodeActionTriggerKindAutomatic); got != "" {
		t.Errorf("light bulb: %q", got)
	}
	b.editor.Discard("window/showMessage")
}
