package server_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"flowls/server"

	"go.lsp.dev/protocol"
)

// What an editor that knows LSP and nothing else asks before a resume and a spin.
func TestOptionsOfResumeAndSpinInPlainLSP(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(true)
	first := b.ended(b.launch("flowls.run", nil).RunID).MetaflowRunID
	second := b.ended(b.launch("flowls.run", nil).RunID).MetaflowRunID
	asked := make(chan string)
	answer := make(chan string)
	b.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		text := p.Message
		for _, a := range p.Actions {
			text += "|" + a.Title
		}
		asked <- text
		return &protocol.MessageActionItem{Title: <-answer}
	}
	give := func(command string) {
		t.Helper()
		argument := map[string]any{"uri": b.buffer.URI, "flow": "Score", "step": "fit"}
		if got := b.started("flowls.withOptions", map[string]any{"command": command, "argument": argument}); got.Offered != command || got.RunID != "" {
			t.Errorf("answer: %+v", got)
		}
	}
	wants := func(question, reply string) {
		t.Helper()
		if got := <-asked; got != question {
			t.Errorf("asked\n%q, want\n%q", got, question)
		}
		answer <- reply
	}
	origins := "Resume Score from step fit: of which run?|run " + second + " · succeeded · just now|run " + first + " · succeeded · just now"
	older := "run " + first + " · succeeded · just now"

	give("flowls.resume")
	wants(origins, older)
	wants("Resume Score from step fit of run "+first+": with which options?|Edit options|Run without options", "Edit options")
	var shown protocol.ShowDocumentParams
	b.editor.Await("window/showDocument", &shown)
	var told protocol.ShowMessageParams
	b.editor.Await("window/showMessage", &told)
	if !strings.HasPrefix(told.Message, "Edit the options, save, and give the command") {
		t.Errorf("told: %q", told.Message)
	}
	edit := func(options string) {
		t.Helper()
		var document map[string]any
		data, err := os.ReadFile(shown.URI.FsPath())
		if err == nil {
			err = json.Unmarshal(data, &document)
		}
		if err == nil {
			document["options"] = json.RawMessage(options)
			data, err = json.Marshal(document)
		}
		if err == nil {
			err = os.WriteFile(shown.URI.FsPath(), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	edit(`{"with": ["--help"]}`)
	give("flowls.resume")
	wants(origins, older)
	wants("The options cannot be used: \"--help\" is no decorator: write `retry`, or with arguments `retry:times=3`. Edit them.|Edit options|Run without options", "")
	edit(`{"with": ["retry:times=1"], "tags": ["mine"]}`)
	give("flowls.resume")
	wants(origins, older)
	wants("Resume Score from step fit of run "+first+" with --with=retry:times=1 --tag=mine?|Run with these options|Edit options|Run without options", "Run with these options")
	b.until("it is resumed", func() bool { return len(b.runs()) == 3 })
	resumed := b.ended(b.runs()[0].RunID)
	if resumed.Status != "succeeded" || resumed.OriginRunID != first || !strings.Contains(resumed.CommandLine, " --with=retry:times=1 --tag=mine ") {
		t.Errorf("%+v", resumed)
	}

	// A spin has options of its own; there is one task, so it is not asked for.
	give("flowls.runStep")
	task := b.run(resumed.RunID).Steps[1].TasksDetail[0].TaskID
	wants("Run step fit with the inputs of task "+task+" of run "+resumed.MetaflowRunID+": with which options?|Edit options|Run without options", "Run without options")
	b.until("the step runs", func() bool { return len(b.runs()) == 4 })
	if spin := b.ended(b.runs()[0].RunID); spin.Kind != "spin" || spin.Status != "succeeded" {
		t.Errorf("%+v", spin)
	}
	// Without an answer nothing happens.
	give("flowls.resume")
	wants(strings.Replace(origins, "which run?|", "which run?|run "+resumed.MetaflowRunID+" · succeeded · just now · resumed from "+first+"|", 1), "")

	var form server.RunForm
	b.request("flowls/runForm", map[string]any{"uri": b.buffer.URI, "flow": "Score", "kind": "resume"}, &form)
	if !form.Remembered || len(form.Fields) != 0 || strings.Join(form.Options.With, " ") != "retry:times=1" || strings.Join(form.Takes, " ") != "with environment profile tags maxWorkers maxNumSplits" {
		t.Errorf("%+v", form)
	}
	form = server.RunForm{}
	b.request("flowls/runForm", map[string]any{"uri": b.buffer.URI, "flow": "Score", "kind": "spin"}, &form)
	if form.Remembered || strings.Join(form.Takes, " ") != "with environment profile" {
		t.Errorf("%+v", form)
	}
	var choices server.OriginsResult
	b.request("flowls/origins", map[string]any{"uri": b.buffer.URI, "flow": "Score", "step": "fit"}, &choices)
	if len(choices.Runs) != 3 || choices.Runs[0].Kind != "resume" || choices.Runs[2].RunID != first || choices.Runs[2].Status != "succeeded" || choices.Runs[2].Step != "succeeded" {
		t.Errorf("%+v", choices)
	}
	b.editor.Discard("window/showMessageRequest")
}

func TestOptionsAreRefused(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(true)
	flow := func(more ...string) map[string]any {
		m := map[string]any{"uri": b.buffer.URI, "flow": "Score"}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	for _, c := range []struct {
		command  string
		argument any
		want     string
	}{
		{"flowls.run", flow(), `"flowls.run" takes up no run: name one of flowls.runStep, flowls.resume, flowls.rerunFailed`},
		{"flowls.resume", 3, "flowls.resume takes one JSON object as its argument"},
		{"flowls.resume", flow("stepp", "fit"), `unknown field "stepp"`},
		{"flowls.resume", flow("step", "none"), `Score has no step "none"`},
		{"flowls.rerunFailed", flow(), "no run of Score has failed"},
	} {
		err := b.execute("flowls.withOptions", map[string]any{"command": c.command, "argument": c.argument}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.command, err, c.want)
		}
	}
	var params any
	if err := b.editor.TryCall("flowls/origins", flow("step", "fit"), &params); err == nil || !strings.Contains(err.Error(), "Score") {
		t.Errorf("origins: %v, %v", params, err)
	}
	if err := b.editor.TryCall("flowls/runForm", flow("kind", "stop"), &params); err == nil || !strings.Contains(err.Error(), "use one of run, resume, spin") {
		t.Errorf("form: %v, %v", params, err)
	}
}
