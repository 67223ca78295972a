package server

import "go.lsp.dev/uri"

// Notifications of docs/protocol-extensions.md.
const (
	notifyRunChanged   = "flowls/runChanged"
	notifyGraphChanged = "flowls/graphChanged"
	notifyServerStatus = "flowls/serverStatus"
)

// RunChanged says that a run started, moved on or ended: ask flowls/run or flowls/runs for more.
type RunChanged struct {
	URI           uri.URI `json:"uri" doc:"The flow's document."`
	Flow          string  `json:"flow" doc:"Name of the flow."`
	RunID         string  `json:"runId,omitempty" doc:"Launch id of flowls; absent for a run started elsewhere."`
	MetaflowRunID string  `json:"metaflowRunId,omitempty" doc:"Metaflow's id, once it is known."`
	Status        string  `json:"status" doc:"starting, running, succeeded, failed, stopped or unknown."`
}

// GraphChanged says that the step graph of a flow in this document is no longer what it was.
type GraphChanged struct {
	URI uri.URI `json:"uri" doc:"The document: ask flowls/flows or flowls/graph for more."`
}

// ServerStatus is the state of the server for a status item.
type ServerStatus struct {
	Health          string `json:"health" doc:"ok, warning or error."`
	Quiescent       bool   `json:"quiescent" doc:"Whether nothing is running in the background."`
	Message         string `json:"message" doc:"One line for the user, may be empty."`
	Interpreter     string `json:"interpreter,omitempty" doc:"Python interpreter that runs flows, once it is known."`
	MetaflowVersion string `json:"metaflowVersion,omitempty" doc:"Version of the installed Metaflow, once it is known."`
}

func (c *client) runChanged(p RunChanged) {
	if c.can.experimental.RunChanged {
		c.notify(notifyRunChanged, p)
	}
}

func (c *client) graphChanged(u uri.URI) {
	if c.can.experimental.GraphChanged {
		c.notify(notifyGraphChanged, GraphChanged{URI: u})
	}
}

func (c *client) serverStatus(p ServerStatus) {
	if c.can.experimental.ServerStatus {
		c.notify(notifyServerStatus, p)
	}
}
