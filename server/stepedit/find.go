package stepedit

import "flowls/analysis/flow"

// Decorator is one of Metaflow's on a step, nil if the step has none of that name.
func Decorator(s *flow.Step, name string) *flow.Decorator {
	for _, d := range s.Decorators {
		if d.FromMetaflow && d.Name == name {
			return d
		}
	}
	return nil
}

// Argument is the one of that name, nil if the decorator has none.
func Argument(d *flow.Decorator, name string) *flow.DecoratorArg {
	for i, a := range d.Args {
		if a.Name == name {
			return &d.Args[i]
		}
	}
	return nil
}
