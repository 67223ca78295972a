package rule

import (
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// flowSpecNames are what FlowSpec itself has that a read in a step may have
// meant, where it would work.
func flowSpecNames(u use) []string {
	switch {
	case u.read.Kind == artifact.Called && u.step.Node.Type == graph.Join:
		return []string{"merge_artifacts", "foreach_stack"}
	case u.read.Kind == artifact.Called:
		return []string{"foreach_stack"}
	case u.step.Node.InForeach:
		return []string{"input", "index"}
	}
	return nil
}

// misspeltMerge reports whether a join calls merge_artifacts by a name that
// nothing has: what it does not merge is that mistake, said at the call.
func (c *checker) misspeltMerge(join *artifact.Step) bool {
	return join.Node.Type == graph.Join && slices.ContainsFunc(join.Reads, func(r *artifact.Read) bool {
		return r.Kind == artifact.Called && c.nothingIs(r.Name) && len(c.artifacts.Sites(r.Name)) == 0 && nearArtifact(r.Name, []string{"merge_artifacts"}) != ""
	})
}

// nothingIs reports whether the class surely has no member of that name.
func (c *checker) nothingIs(name string) bool {
	return c.whole() && len(c.flow.Methods[name])+len(c.flow.Attributes[name]) == 0
}

// misspeltNext is the last statement of a step, if that is a self.next with
// another name, which nothing has.
func (c *checker) misspeltNext(s *flow.Step) *flow.Op {
	ops := s.Method.Code().Ops
	if s.Next != nil || len(ops) == 0 || ops[len(ops)-1].Kind != flow.OpCall {
		return nil
	}
	op := &ops[len(ops)-1]
	items := op.Value.Items
	if len(items) == 0 || nearArtifact(op.Name, []string{"next"}) == "" || !c.nothingIs(op.Name) {
		return nil
	}
	for _, item := range items {
		if name, ours := strings.CutPrefix(item.Text, s.Method.Code().Self+"."); !ours || c.graph.Nodes[name] == nil {
			return nil
		}
	}
	set := false
	for _, methods := range c.flow.Methods {
		for _, m := range methods {
			walkOps(m.Code().Ops, func(o *flow.Op) { set = set || o.Kind == flow.OpEscape || o.Kind == flow.OpAssign && o.Name == op.Name })
		}
	}
	if set {
		return nil
	}
	return op
}
