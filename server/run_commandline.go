package server

import (
	"context"
	"encoding/json"
	"errors"

	"go.lsp.dev/protocol"
)

// CommandLineArgument is the argument of flowls.commandLine.
type CommandLineArgument struct {
	Command  string          `json:"command" doc:"flowls.run, flowls.runStep, flowls.resume, flowls.rerunFailed or flowls.launch."`
	Argument json.RawMessage `json:"argument" doc:"The argument of that command."`
}

// CommandLineResult is the answer of flowls.commandLine.
type CommandLineResult struct {
	CommandLine string   `json:"commandLine" doc:"What a user would type in a shell to do the same; for reading and copying."`
	Argv        []string `json:"argv" doc:"The words of the command."`
	Dir         string   `json:"dir" doc:"Working directory."`
}

func init() {
	commandTable = append(commandTable, define(commandCommandLine,
		"Answers what would be executed, and shows it unless the client lists `commandLine`. Nothing is executed.", false, commandLine))
}

func commandLine(ctx context.Context, call commandCall, a CommandLineArgument) (CommandLineResult, error) {
	var p plan
	var err error
	switch a.Command {
	case commandRun:
		p, err = planOf(ctx, call, a, planRun)
	case commandRunStep:
		p, err = planOf(ctx, call, a, planStep)
	case commandResume:
		p, err = planOf(ctx, call, a, planResume)
	case commandRerunFailed:
		p, err = planOf(ctx, call, a, planRerun)
	case commandLaunch:
		p, err = planOf(ctx, call, a, planLaunch)
	default:
		err = wrongValue("%q starts no run: name one of %s, %s, %s, %s, %s", a.Command, commandRun, commandRunStep, commandResume, commandRerunFailed, commandLaunch)
	}
	var missing *noInputs
	if errors.As(err, &missing) {
		err = launchError("%v", missing)
	}
	if err != nil {
		return CommandLineResult{}, err
	}
	spec, err := call.server.runs.launcher.complete(call, p)
	if err != nil {
		return CommandLineResult{}, err
	}
	result := CommandLineResult{CommandLine: spec.CommandLine(), Argv: spec.Words(), Dir: spec.Dir}
	if !call.server.client.can.experimental.CommandLine {
		call.server.client.showMessage(protocol.MessageTypeInfo, result.CommandLine)
	}
	return result, nil
}

func planOf[A any](ctx context.Context, call commandCall, a CommandLineArgument, planned func(context.Context, commandCall, A) (plan, error)) (plan, error) {
	argument, err := argumentOf[A](a.Command, a.Argument)
	if err != nil {
		return plan{}, err
	}
	return planned(ctx, call, argument)
}

// argumentOf is the argument of a command that another command takes with it.
func argumentOf[A any](command string, raw json.RawMessage) (argument A, err error) {
	if !isObject(raw) {
		return argument, wrongValue("%s takes one JSON object as its argument", command)
	}
	if err := decodeStrict(raw, &argument); err != nil {
		return argument, wrongValue("%s: %v", command, err)
	}
	return argument, nil
}
