// Package wire holds what the server and its agent say to each other: JSON-RPC
// over the agent's standard streams, framed as in LSP.
package wire

import "flowls/runner/runstate"

// The methods of the agent.
const (
	Ping = "ping"
	Runs = "runs"
	Run  = "run"
)

// Where says which configuration of Metaflow counts: that of a command started in Dir.
type Where struct {
	Dir string `json:"dir"`
}

// RunsParams asks for the newest runs of a flow.
type RunsParams struct {
	Where
	Flow  string `json:"flow"`
	Limit int    `json:"limit"`
}

// RunsReply has them newest first, without tasks.
type RunsReply struct {
	Source string          `json:"source"` // address of the service, without secrets
	Runs   []*runstate.Run `json:"runs"`
}

// RunParams asks for one run.
type RunParams struct {
	Where
	Flow string `json:"flow"`
	ID   string `json:"id"`
}

// RunReply has its steps and tasks.
type RunReply struct {
	Source string        `json:"source"`
	Run    *runstate.Run `json:"run"`
}

// MaxReply bounds the replies of one call in bytes: a run of 10,000 tasks has 4 MB.
const MaxReply = 32 << 20
