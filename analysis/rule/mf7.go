package rule

// workspaceRules are about flows that the workspace has or lacks: MF701 and on;
// deployRules about values that matter when a flow is deployed: MF710 and on.
var workspaceRules, deployRules []*Rule
