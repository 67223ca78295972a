package rule

// workspaceRules are about flows that the workspace has or lacks: MF701 and on.
var workspaceRules []*Rule
