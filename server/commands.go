package server

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// Names of the commands, all with one JSON object as argument.
const (
	commandRun              = "flowls.run"
	commandRunStep          = "flowls.runStep"
	commandRunTask          = "flowls.runTask"
	commandResume           = "flowls.resume"
	commandRerunFailed      = "flowls.rerunFailed"
	commandLaunch           = "flowls.launch"
	commandChooseLaunch     = "flowls.chooseLaunch"
	commandStop             = "flowls.stop"
	commandStopAll          = "flowls.stopAll"
	commandSelectRun        = "flowls.selectRun"
	commandChooseRun        = "flowls.chooseRun"
	commandChooseTask       = "flowls.chooseTask"
	commandDiffRuns         = "flowls.diffRuns"
	commandShowRemoteRuns   = "flowls.showRemoteRuns"
	commandShowRemoteValues = "flowls.showRemoteValues"
	commandWatchKubernetes  = "flowls.watchKubernetes"
	commandCleanUp          = "flowls.cleanUp"
	commandShell            = "flowls.shell"
	commandPortForward      = "flowls.portForward"
	commandClearFailures    = "flowls.clearFailures"
	commandShowLog          = "flowls.showLog"
	commandShowArtifact     = "flowls.showArtifact"
	commandExport           = "flowls.exportArtifact"
	commandShowGraph        = "flowls.showGraph"
	commandCommandLine      = "flowls.commandLine"

	commandRunWithParameters = "flowls.runWithParameters"
	commandWithOptions       = "flowls.withOptions"
)

// command is one command of workspace/executeCommand.
type command struct {
	Name string
	Doc  string
	// NeedsTrust: refused unless the user trusts the workspace, because the
	// command runs code of the workspace.
	NeedsTrust bool
	// Argument and Result are zero values of the Go types, for the documentation.
	Argument, Result any
	run              func(ctx context.Context, call commandCall, argument json.RawMessage) (any, error)
}

// commandCall is what a command sees besides its argument.
type commandCall struct {
	server   *server
	snapshot *Snapshot
	// token is the client's progress token, nil if it gave none.
	token protocol.ProgressToken
}

// commandSet is the registry of one connection.
type commandSet map[string]*command

// define makes a command whose argument is decoded into A. Unknown members are
// refused: a misspelt one must not be ignored when it decides what runs.
func define[A, R any](name, doc string, needsTrust bool, run func(context.Context, commandCall, A) (R, error)) *command {
	return &command{
		Name: name, Doc: doc, NeedsTrust: needsTrust, Argument: *new(A), Result: *new(R),
		run: func(ctx context.Context, call commandCall, raw json.RawMessage) (any, error) {
			var argument A
			if err := decodeStrict(raw, &argument); err != nil {
				return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s: %v", name, err)
			}
			return run(ctx, call, argument)
		},
	}
}

func (set commandSet) add(c *command) {
	if set[c.Name] != nil {
		panic("command defined twice: " + c.Name)
	}
	set[c.Name] = c
}

func (set commandSet) names() []string { return slices.Sorted(maps.Keys(set)) }

// staticCommands are the commands that need no state beside the documents.
func staticCommands() commandSet {
	set := commandSet{}
	for _, c := range commandTable {
		set.add(c)
	}
	return set
}

// commandTable is the list of commands; run features append theirs at init.
var commandTable []*command

// errUntrusted is the refusal of a command that would run code.
func errUntrusted(name string) error {
	return jsonrpc2.Errorf(jsonrpc2.InvalidRequest,
		"%s runs code of this workspace or reaches what it names, and the workspace is not trusted. Trust it in the editor (Neovim: init_options = { trusted = true }).", name)
}

func decodeStrict(raw json.RawMessage, into any) error {
	d := json.NewDecoder(bytesReader(raw))
	d.DisallowUnknownFields()
	d.UseNumber() // values of parameters reach the flow as they were written
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the argument is not understood: %w", err)
	}
	return nil
}
