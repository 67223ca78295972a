package server

// RequestDoc documents a flowls/* request. Params and Result are zero values of
// the Go types.
type RequestDoc struct {
	Method, Doc    string
	Params, Result any
}

// requestDocs is in the order of the documentation. Every custom request has
// an entry (TestEveryRequestIsDocumented).
var requestDocs = []RequestDoc{
	{"flowls/flows", "The flows of the open documents, for a tree view.", FlowsParams{}, FlowsResult{}},
	{"flowls/graph", "The step graph of a flow as text.", FlowArgument{}, GraphResult{}},
	{"flowls/runs", "The runs of a flow, newest first, whoever started them.", RunsParams{}, RunsResult{}},
	{"flowls/run", "One run with its tasks and artifacts.", RunParams{}, RunInfo{}},
	{"flowls/diff", "What differs between two runs, as text.", DiffRunsArgument{}, DiffResult{}},
	{"flowls/resumePlan", "What resuming a run would take over, run, and take over although it is stale.", ResumePlanParams{}, ResumePlanResult{}},
	{"flowls/runForm", "The values that a flow can be run with, and the options of a run, a resume or a spin, for a client that asks for them: then `flowls.run`, `flowls.resume` or `flowls.runStep`.", RunFormParams{}, RunForm{}},
	{"flowls/tasks", "The tasks whose inputs a step can be run with, for a client that lets the user choose: then `flowls.runStep`.", TasksParams{}, TasksResult{}},
	{"flowls/origins", "The runs that got to a step, for a client that lets the user choose: then `flowls.resume`.", OriginsParams{}, OriginsResult{}},
	{"flowls/artifact", "One artifact with a longer preview. Nothing of it is executed.", ArtifactParams{}, ArtifactInfo{}},
	{"flowls/log", "A piece of the output of a run that flowls launched, or of what a task printed, live or stored, whoever launched its run.", LogParams{}, LogResult{}},
	{"flowls/sourceLine", "Where a line that a traceback names is today.", SourceLineParams{}, SourceLineResult{}},
	{"flowls/cards", "The cards of a task, or of the tasks of a step. The pages themselves are files.", CardsParams{}, CardsResult{}},
}

// notificationDocs are the notifications that the server sends to clients that ask for them.
var notificationDocs = []RequestDoc{
	{notifyGraphChanged, "The step graph of a flow changed shape. Sent if `graphChanged` is true.", GraphChanged{}, nil},
	{notifyRunChanged, "A run started, moved on or ended. Sent if `runChanged` is true.", RunChanged{}, nil},
	{notifyServerStatus, "The state of the server. Sent if `serverStatus` is true.", ServerStatus{}, nil},
}
