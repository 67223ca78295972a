package index

// Names are the flows of a workspace.
type Names struct{}
