package server

import (
	"strings"

	"flowls/analysis/flow"
)

// decoratorNamed is a decorator of Metaflow's on a step, nil if it has none.
func decoratorNamed(s *flow.Step, name string) *flow.Decorator {
	for _, d := range s.Decorators {
		if d.FromMetaflow && d.Name == name {
			return d
		}
	}
	return nil
}

func argumentNamed(d *flow.Decorator, name string) *flow.DecoratorArg {
	for i, a := range d.Args {
		if a.Name == name {
			return &d.Args[i]
		}
	}
	return nil
}

// decoratorName is the name in a value of --with.
func decoratorName(with string) string {
	name, _, _ := strings.Cut(with, ":")
	return name
}

// withArgument is an argument in a value of --with, "" if it is not there.
func withArgument(with, decorator, argument string) string {
	name, arguments, _ := strings.Cut(with, ":")
	if name != decorator {
		return ""
	}
	for part := range strings.SplitSeq(arguments, ",") {
		if key, value, _ := strings.Cut(part, "="); strings.TrimSpace(key) == argument {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
