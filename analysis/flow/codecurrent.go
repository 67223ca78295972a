package flow

import (
	"slices"
	"strings"

	"flowls/analysis/syntax"
)

// currentAttributes are those that decorators add to current. What is read of
// them is recorded whatever the object is called, for `import current as c`.
var currentAttributes = []string{
	"branch_name", "card", "is_production", "is_user_branch", "parallel", "project_flow_name", "project_name", "trigger",
}

// ofCurrent is the dotted name of what may be an attribute of current, else "".
func (c *coder) ofCurrent(n syntax.Node) string {
	name := dotted(n)
	first, rest, _ := strings.Cut(name, ".")
	attribute, _, _ := strings.Cut(rest, ".")
	if first == "" || first == c.code.Self || first == c.code.Inputs || c.branches[first] != nothingHeld {
		return ""
	}
	if !strings.Contains(name, "current.") && !slices.Contains(currentAttributes, attribute) {
		return ""
	}
	return name
}

// guardsCurrent records the calls that ask whether an attribute is there:
// hasattr(current, "card"), getattr(current, "card", None), current.get("card").
func (c *coder) guardsCurrent(callee, list syntax.Node) {
	arguments := slices.Collect(list.Items())
	name := dotted(callee)
	at := -1
	switch {
	case (name == "hasattr" || name == "getattr") && len(arguments) > 1:
		at = 1
	case strings.HasSuffix(name, ".get") && len(arguments) > 0:
		at = 0
	}
	if at < 0 || name == "getattr" && len(arguments) < 3 {
		return
	}
	if attribute := valueOf(arguments[at]); attribute.Kind == String && slices.Contains(currentAttributes, attribute.Text) {
		c.emit(Op{Kind: OpCurrentGuard, Name: attribute.Text, Span: callee.Span()})
	}
}
