package server

import (
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// contains counts the end in: a cursor right behind a name is still on it.
func contains(s text.Span, offset int) bool { return s.Start <= offset && offset <= s.End }

// overlaps reports whether two spans share a place, ends included.
func overlaps(a, b text.Span) bool { return a.Start <= b.End && b.Start <= a.End }

// flowAt is the index of the flow around an offset, or of the last one that
// starts before it (half-typed code ends a class early); -1 if there is none.
func (v *view) flowAt(offset int) int {
	at := -1
	for i, f := range v.File.Flows {
		if contains(f.Span, offset) {
			return i
		}
		if f.Span.Start <= offset {
			at = i
		}
	}
	return at
}

// ownSteps are the steps that the class itself defines, in source order.
func ownSteps(f *flow.Flow) []*flow.Step {
	var own []*flow.Step
	for _, s := range f.Steps {
		if f.Owns(s.Span) {
			own = append(own, s)
		}
	}
	slices.SortFunc(own, func(a, b *flow.Step) int { return a.Span.Start - b.Span.Start })
	return own
}

// stepAt is the step of the flow around an offset, or the last one that starts
// before it; nil if there is none.
func stepAt(f *flow.Flow, offset int) *flow.Step {
	var at *flow.Step
	for _, s := range ownSteps(f) {
		if s.Span.Start <= offset {
			at = s
		}
	}
	return at
}

// stepNamed finds a step of a flow, nil if it has none of that name.
func stepNamed(f *flow.Flow, name string) *flow.Step {
	for _, s := range f.Steps {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// flowNamed is the index of a flow by name, -1 if there is none.
func (v *view) flowNamed(name string) int {
	return slices.IndexFunc(v.File.Flows, func(f *flow.Flow) bool { return f.Name == name })
}

// node is the node of a step in the graph of a flow; nil while the graph has none.
func (v *view) node(flow int, step string) *graph.Node {
	if flow < 0 || flow >= len(v.Graphs) || v.Graphs[flow] == nil {
		return nil
	}
	return v.Graphs[flow].Nodes[step]
}

// named is a step's name in the source: behind def, or as a target of self.next.
type named struct {
	flow int
	// step is nil for a target that names no step.
	step *flow.Step
	name string
	span text.Span
	// from is the step whose self.next names it; nil for the definition itself.
	from *flow.Step
}

// stepNameAt finds the name of a step under the cursor.
func (v *view) stepNameAt(offset int) (named, bool) {
	for i, f := range v.File.Flows {
		for _, s := range ownSteps(f) {
			if contains(s.NameSpan, offset) {
				return named{i, s, s.Name, s.NameSpan, nil}, true
			}
			for _, t := range mentioned(s) {
				if contains(t.Span, offset) {
					return named{i, stepNamed(f, t.Name), t.Name, t.Span, s}, true
				}
			}
		}
	}
	return named{}, false
}

// targets are the steps that a step's transition names.
func targets(s *flow.Step) []flow.Target {
	if s.Next == nil {
		return nil
	}
	return s.Next.Targets
}

// mentioned are the targets, and the steps that calls of self.next name where
// Metaflow does not look.
func mentioned(s *flow.Step) []flow.Target { return append(slices.Clone(targets(s)), s.Asides...) }

// location is a span in whatever file it is.
func (v *view) location(s text.Span) protocol.Location {
	m, at := v.File.Locate(s)
	if m == nil {
		return protocol.Location{URI: v.doc.URI, Range: v.doc.rangeOf(s)}
	}
	return protocol.Location{URI: v.uriOf(m.Path), Range: mapper{m.Text, v.doc.encoding}.rangeOf(at)}
}

// uriOf is the URI of a path, as the editor writes it if it has the file open.
func (v *view) uriOf(path string) uri.URI {
	for u, d := range v.snapshot.documents {
		if d.Path() == path {
			return u
		}
	}
	return uri.File(path)
}

// here leaves out the spans of other files.
func here(spans []text.Span) []text.Span {
	return slices.DeleteFunc(spans, text.Span.Foreign)
}

// mentions are all places that name the same step as n: in its flow, and in
// the flows that inherit it, those of other files last. The definition comes
// first, if there is one.
func (v *view) mentions(n named) (definition *text.Span, uses []text.Span) {
	seen := map[text.Span]bool{}
	for i, f := range v.File.Flows {
		s := stepNamed(f, n.name)
		if i != n.flow && (s == nil || n.step == nil || s.NameSpan != n.step.NameSpan) {
			continue
		}
		for _, from := range f.Steps {
			for _, t := range mentioned(from) {
				if t.Name == n.name && !seen[t.Span] {
					seen[t.Span] = true
					uses = append(uses, t.Span)
				}
			}
		}
	}
	slices.SortFunc(uses, func(a, b text.Span) int { return a.Start - b.Start })
	if n.step != nil {
		definition = &n.step.NameSpan
	}
	return definition, uses
}

// decoratorPlace is a decorator of a flow or of a step.
type decoratorPlace struct {
	decorator *flow.Decorator
	flow      int
	step      *flow.Step // nil for a decorator of the flow
}

// decoratorAt finds the decorator around an offset.
func (v *view) decoratorAt(offset int) (decoratorPlace, bool) {
	for i, f := range v.File.Flows {
		for _, d := range f.Decorators {
			if contains(d.Span, offset) {
				return decoratorPlace{d, i, nil}, true
			}
		}
		for _, s := range ownSteps(f) {
			for _, d := range s.Decorators {
				if contains(d.Span, offset) {
					return decoratorPlace{d, i, s}, true
				}
			}
		}
	}
	return decoratorPlace{}, false
}
