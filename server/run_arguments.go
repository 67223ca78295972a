package server

import (
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// RunArgument is the argument of flowls.run.
type RunArgument struct {
	URI        uri.URI        `json:"uri" doc:"The flow's document."`
	Flow       string         `json:"flow" doc:"Name of the flow."`
	Parameters map[string]any `json:"parameters,omitempty" doc:"Values of Parameters and IncludeFiles by name; the others, and null, keep their defaults."`
	Configs    map[string]any `json:"configs,omitempty" doc:"Values of Configs by name: a string is the path of a file, anything else the value itself."`
	Options    *RunOptions    `json:"options,omitempty" doc:"How Metaflow runs the flow."`
}

// RunStepArgument is the argument of flowls.runStep.
type RunStepArgument struct {
	URI    uri.URI `json:"uri" doc:"The flow's document."`
	Flow   string  `json:"flow" doc:"Name of the flow."`
	Step   string  `json:"step" doc:"Name of the step."`
	RunID  string  `json:"runId,omitempty" doc:"Run whose inputs the step gets; absent means the latest one in which it ran."`
	TaskID string  `json:"taskId,omitempty" doc:"Task of that run; absent means the first one."`
	// Options of a spin are few.
	Options *RunOptions `json:"options,omitempty" doc:"How Metaflow runs the step: with, environment and profile."`
}

// ResumeArgument is the argument of flowls.resume.
type ResumeArgument struct {
	URI         uri.URI `json:"uri" doc:"The flow's document."`
	Flow        string  `json:"flow" doc:"Name of the flow."`
	Step        string  `json:"step" doc:"Step to start from; what comes before it is taken from the other run."`
	OriginRunID string  `json:"originRunId,omitempty" doc:"Run to resume; absent means the latest one that got to the step."`
	// Parameters come from the other run.
	Options *RunOptions `json:"options,omitempty" doc:"How Metaflow runs the rest: all but namespace."`
}

// RerunArgument is the argument of flowls.rerunFailed.
type RerunArgument struct {
	URI     uri.URI     `json:"uri" doc:"The flow's document."`
	Flow    string      `json:"flow" doc:"Name of the flow."`
	RunID   string      `json:"runId,omitempty" doc:"Run that did not succeed; absent means the latest one that did not."`
	Options *RunOptions `json:"options,omitempty" doc:"How Metaflow runs the rest: all but namespace."`
}

// StopAllArgument is the argument of flowls.stopAll.
type StopAllArgument struct {
	URI  uri.URI `json:"uri,omitempty" doc:"Only runs of flows of this document."`
	Flow string  `json:"flow,omitempty" doc:"Only runs of this flow."`
}

// StopArgument is the argument of flowls.stop.
type StopArgument struct {
	RunID string  `json:"runId,omitempty" doc:"Run to stop."`
	URI   uri.URI `json:"uri,omitempty" doc:"Instead of runId: the flow's document."`
	Flow  string  `json:"flow,omitempty" doc:"Instead of runId: name of the flow, whose newest active run is stopped."`
}

// LaunchResult is the answer of flowls.run, flowls.runStep and flowls.resume.
type LaunchResult struct {
	RunID string                 `json:"runId,omitempty" doc:"Launch id of flowls; absent if nothing was started."`
	Token protocol.ProgressToken `json:"token,omitempty" doc:"Token of the progress that reports the run, if the client shows progress."`
	// Offered is set when nothing was started yet because the user is asked first.
	Offered string   `json:"offered,omitempty" doc:"Command that the user is asked about first: because there is no run to take inputs from, to choose values or a task, or because the cluster would not run it."`
	Argv    []string `json:"argv,omitempty" doc:"What was started."`
	Dir     string   `json:"dir,omitempty" doc:"Working directory of the run."`
	// CommandLine has no secrets in it.
	CommandLine string `json:"commandLine,omitempty" doc:"What a user would type in a shell for the same run."`
}

// StopResult is the answer of flowls.stop.
type StopResult struct {
	RunID  string `json:"runId" doc:"The run."`
	Status string `json:"status" doc:"Its status after the stop."`
	// Absent for a run without tasks on a cluster.
	Kubernetes *KubeStopped `json:"kubernetes,omitempty" doc:"For a run on Kubernetes: what was done in its cluster."`
}

// StopAllResult is the answer of flowls.stopAll.
type StopAllResult struct {
	Runs []StopResult `json:"runs" doc:"The runs that were stopped."`
}

// Nothing is the answer of commands that have none.
type Nothing struct{}
