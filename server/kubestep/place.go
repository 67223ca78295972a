package kubestep

import (
	"flowls/analysis/flow"
	"flowls/analysis/text"
	"flowls/runner/preflight"
)

// Place is where a finding belongs: the part of the argument that it means, else
// the argument, else the decorator. value is the literal there, not known where
// the file does not write what is meant.
func (s *Step) Place(f preflight.Finding) (at text.Span, value flow.Value) {
	d := s.says(f.Argument)
	if d == nil {
		return s.step.NameSpan, flow.Value{}
	}
	for i := range d.Args {
		if d.Args[i].Name == f.Argument {
			if part, ok := partOf(d.Args[i].Value, f); ok {
				return part.Span, part
			}
			return d.Args[i].ValueSpan, flow.Value{}
		}
	}
	return d.NameSpan, flow.Value{}
}

// Add is the argument that a finding proposes to add to a decorator of the step,
// which is nil where the argument is written already or nothing is proposed.
func (s *Step) Add(f preflight.Finding) (to *flow.Decorator, argument string) {
	if s.kubernetes == nil || f.Instead == "" || f.Value != "" {
		return nil, ""
	}
	for _, a := range s.kubernetes.Args {
		if a.Name == f.Argument || a.Name == "**" {
			return nil, ""
		}
	}
	switch f.Argument {
	case "qos":
		return s.kubernetes, `qos="` + f.Instead + `"`
	case "tolerations":
		return s.kubernetes, "tolerations=" + f.Instead
	}
	return nil, ""
}

// says is the decorator that has the last word on an argument; one of them if
// none does.
func (s *Step) says(argument string) *flow.Decorator {
	switch s.Request.From[argument] {
	case preflight.FromResources:
		if s.resources != nil {
			return s.resources
		}
	case preflight.FromKubernetes:
		if s.kubernetes != nil {
			return s.kubernetes
		}
	}
	if s.kubernetes != nil {
		return s.kubernetes
	}
	if _, sized := map[string]bool{"cpu": true, "memory": true, "disk": true, "gpu": true}[argument]; sized && s.resources != nil {
		return s.resources
	}
	return nil
}

// partOf finds what a finding means in a text, list or dictionary. Of a label that
// no node has it is the value that is wrong, not the key.
func partOf(v flow.Value, f preflight.Finding) (flow.Value, bool) {
	if f.Value == "" || v.Kind == flow.String && v.Text == f.Value {
		return v, true
	}
	list := v.Items
	if v.Kind == flow.Dict {
		list = v.Keys
	}
	for i, item := range list {
		if item.Kind != flow.String || item.Text != f.Value {
			continue
		}
		if v.Kind == flow.Dict && f.Argument == "node_selector" && f.Kind != preflight.Refused {
			return v.Items[i], true
		}
		return item, true
	}
	return flow.Value{}, false
}
