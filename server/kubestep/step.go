package kubestep

import (
	"slices"
	"strings"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/runner/preflight"
)

// Step is a step as it would run on Kubernetes.
type Step struct {
	Request preflight.Request
	// Own: the step has @kubernetes; else --with gives it one.
	Own bool

	step                  *flow.Step
	kubernetes, resources *flow.Decorator
	given, sizes          preflight.Arguments // of both, or of --with
	sized                 bool                // there is a @resources
	config                preflight.Configuration
}

// Of is a step of a flow with what --with adds to the steps that have no such
// decorator. It is nil where the step would not run on Kubernetes, or where a
// decorator that is not Metaflow's may change what the others say.
func Of(f *flow.Flow, s *flow.Step, with []string, config preflight.Configuration) *Step {
	if s.Opaque || mutable(f) {
		return nil
	}
	t := &Step{step: s, config: config}
	parallel := false
	for _, d := range s.Decorators {
		if d.Span.Start > s.StepSpan.Start {
			continue // Metaflow does not see it
		}
		known := builtin(f, d)
		if known == nil && !d.PassesOn {
			return nil
		}
		switch {
		case known == nil:
		case known.Name == "kubernetes":
			t.kubernetes, t.Own = d, true
		case known.Name == "resources":
			t.resources = d
		}
		parallel = parallel || known != nil && known.Parallel
	}
	onKubernetes := false
	if t.given, onKubernetes = arguments(t.kubernetes, with, "kubernetes"); !onKubernetes {
		return nil
	}
	t.sizes, t.sized = arguments(t.resources, with, "resources")
	t.Request = t.asked(t.given, t.sizes)
	t.Request.Parallel = parallel
	return t
}

func (s *Step) asked(kubernetes, resources preflight.Arguments) preflight.Request {
	if !s.sized {
		return preflight.Asked(s.step.Name, kubernetes, nil, s.config)
	}
	return preflight.Asked(s.step.Name, kubernetes, &resources, s.config)
}

// builtin is Metaflow's own decorator that d surely is, else nil.
func builtin(f *flow.Flow, d *flow.Decorator) *catalog.Decorator {
	full, bound := f.Look(d.Written, d.Span.Start)
	name, ours := strings.CutPrefix(full, "metaflow.")
	if bound != flow.Certain || !ours {
		return nil
	}
	if known, ok := catalog.Default().Step(name); ok && known.Extension == "" {
		return known
	}
	if known, ok := catalog.Default().Flow(name); ok {
		return known
	}
	return nil
}

// mutable: a decorator of the class that is not Metaflow's may be a mutator.
func mutable(f *flow.Flow) bool {
	foreign := func(d *flow.Decorator) bool { return builtin(f, d) == nil }
	return slices.ContainsFunc(f.Decorators, foreign) || slices.ContainsFunc(f.BaseDecorators, foreign)
}

// arguments are those of a decorator of the step, or else of the first in with
// of that name.
func arguments(d *flow.Decorator, with []string, name string) (preflight.Arguments, bool) {
	if d != nil {
		a := preflight.Arguments{Given: map[string]any{}}
		for _, arg := range d.Args {
			switch arg.Name {
			case "", "*": // Metaflow takes none
			case "**":
				a.Open = true
			default:
				a.Given[arg.Name] = Literal(arg.Value)
			}
		}
		return a, true
	}
	for _, spec := range with {
		if of, rest, _ := strings.Cut(spec, ":"); of == name {
			return preflight.Arguments{Given: ParseWith(rest)}, true
		}
	}
	return preflight.Arguments{}, false
}
