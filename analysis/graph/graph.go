// Package graph builds the step graph of a flow with the results that
// Metaflow's own FlowGraph has, in linear time.
package graph

import (
	"slices"

	"flowls/analysis/flow"
)

// Type is Metaflow's node type.
type Type string

const (
	Unknown Type = ""
	Start   Type = "start"
	LinearT Type = "linear"
	Split   Type = "split"
	Foreach Type = "foreach"
	Switch  Type = "split-switch"
	Join    Type = "join"
	End     Type = "end"
)

// Node is one step in the graph.
type Node struct {
	Step *flow.Step
	// Index is the node's place in Graph.List.
	Index int
	Type  Type
	// Out are the targets as written, duplicates kept; it may name unknown
	// steps. For a switch with equal keys, the last value counts.
	Out []string
	// In are the predecessors that are reachable from the start step, sorted.
	In []string
	// MatchingJoin is the join that closes this split, "" if there is none.
	MatchingJoin string
	// InForeach: some enclosing foreach is still open here.
	InForeach bool
	// ParallelStep: a decorator makes this a gang-scheduled step.
	ParallelStep bool
	// MaybeParallel: a decorator of the file or of an extension may do so.
	MaybeParallel bool
	// Reachable from the start step.
	Reachable bool

	parents  *frame
	branches *frame
}

// frame is a cell of a persistent list: nodes share their common splits.
type frame struct {
	up        *frame
	name      string
	foreaches int // foreach steps from here up
}

func (f *frame) push(name string, foreach bool) *frame {
	n := &frame{up: f, name: name}
	if f != nil {
		n.foreaches = f.foreaches
	}
	if foreach {
		n.foreaches++
	}
	return n
}

func (f *frame) list() []string {
	var names []string
	for ; f != nil; f = f.up {
		names = append(names, f.name)
	}
	slices.Reverse(names)
	return names
}

// SplitParents are the enclosing split and foreach steps, outermost first; a
// join still has its own split in the list.
func (n *Node) SplitParents() []string { return n.parents.list() }

// SplitBranches are, for each enclosing split, the first step of the branch
// that the node is on; a join has left its branch.
func (n *Node) SplitBranches() []string { return n.branches.list() }

// Parent is the last of SplitParents, "" if there is none.
func (n *Node) Parent() string {
	if n.parents == nil {
		return ""
	}
	return n.parents.name
}

// Branch is the last of SplitBranches, "" if there is none.
func (n *Node) Branch() string {
	if n.branches == nil {
		return ""
	}
	return n.branches.name
}

// Lineage identifies the splits around a node as its successors see them: two
// nodes have equal lineages exactly if the enclosing splits are the same. It
// is comparable and otherwise meaningless.
func (n *Node) Lineage() any {
	f := n.parents
	if n.Type == Join && f != nil {
		f = f.up
	}
	return f
}

// Graph is the graph of one flow.
type Graph struct {
	Flow  *flow.Flow
	Nodes map[string]*Node
	// Order lists the names alphabetically, as Metaflow iterates; List the nodes.
	Order []string
	List  []*Node
	// Sorted lists the names in topological order from the start step; unreachable ones are missing.
	Sorted     []string
	Start, End *Node // nil if not resolved; the same node in a flow of one step
}
