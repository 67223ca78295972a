package server

import (
	"context"

	"flowls/analysis/flow"
	"flowls/analysis/text"

	"go.lsp.dev/protocol"
)

// Hover explains a step, a transition, a decorator, a flow, or what self has.
func (s *server) Hover(ctx context.Context, params *protocol.HoverParams) (*protocol.Hover, error) {
	position := params.Position
	v, err := s.beginDocument(ctx, params.TextDocument.URI)
	if err != nil || v == nil {
		return nil, err
	}
	content, span, ok := v.explain(v.doc.offset(position))
	if !ok {
		return nil, nil
	}
	if more := s.hoverHistory(ctx, v, v.doc.offset(position)); more != "" {
		content += "\n\n---\n\n" + more
	}
	return &protocol.Hover{Contents: s.markup(content), Range: new(v.doc.rangeOf(span))}, nil
}

// hoverHistory is what runs tell of the flow, step or artifact whose name stands at an offset.
func (s *server) hoverHistory(ctx context.Context, v *view, offset int) string {
	if n, ok := v.stepNameAt(offset); ok && n.step != nil {
		return s.runs.stepHistory(v, n.flow, n.step.Name)
	}
	for i, f := range v.File.Flows {
		if contains(f.NameSpan, offset) {
			return s.runs.flowHistory(v, i)
		}
	}
	return s.runs.artifactHover(ctx, v, offset)
}

// explain is the documentation of what stands at an offset, and its place.
func (v *view) explain(offset int) (string, text.Span, bool) {
	if n, ok := v.stepNameAt(offset); ok && n.step != nil {
		return v.explainStep(n.flow, n.step), n.span, true
	}
	for i, f := range v.File.Flows {
		if contains(f.NameSpan, offset) {
			return v.explainFlow(i, f), f.NameSpan, true
		}
		for _, step := range ownSteps(f) {
			if contains(step.StepSpan, offset) {
				return explainMarker(), step.StepSpan, true
			}
			if span, ok := callee(step.Next); ok && contains(span, offset) {
				return v.explainTransition(i, step), span, true
			}
		}
	}
	if d, ok := v.decoratorAt(offset); ok {
		return v.explainDecorator(d, offset)
	}
	return v.explainMember(offset)
}

// callee is the "self.next" of a transition.
func callee(t *flow.Transition) (text.Span, bool) {
	if t == nil {
		return text.Span{}, false
	}
	return text.Span{Start: t.Span.Start, End: min(t.Span.End, t.Span.Start+len("self.next"))}, true
}
