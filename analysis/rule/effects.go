package rule

import (
	"slices"

	"flowls/analysis/flow"
)

// effects is what calling a method of the flow can do to its artifacts.
type effects struct {
	all     bool // anything
	names   map[string]bool
	touches bool // it reads artifacts, so it may change the objects that they hold
}

func (e *effects) sets(name string) bool { return e.all || e.names[name] }

var noEffects, anyEffects = &effects{}, &effects{all: true, touches: true}

// effects are those of self.<name>(...), or of reading a property.
func (c *checker) effects(name string) *effects {
	methods := c.flow.Methods[name]
	switch {
	case name == "merge_artifacts" || name == "next":
		return noEffects // what was set stays
	case len(methods) == 0 && !c.whole():
		return anyEffects // a method of a base class, perhaps
	case len(methods) == 0:
		return noEffects // an artifact, or FlowSpec's own
	}
	if known := c.methodEffects[name]; known != nil {
		return known
	}
	if c.methodEffects == nil {
		c.methodEffects = map[string]*effects{}
	}
	c.methodEffects[name] = anyEffects // while it is looked at: of a recursion nothing is known
	made := &effects{names: map[string]bool{}}
	for _, m := range methods {
		if m.Wrapped {
			made.all = true
		}
		c.addEffects(made, m.Code().Ops)
	}
	c.methodEffects[name] = made
	return made
}

func (c *checker) addEffects(e *effects, ops []flow.Op) {
	for i := range ops {
		op := &ops[i]
		switch op.Kind {
		case flow.OpAssign, flow.OpAugment, flow.OpDelete:
			e.names[op.Name] = true
		case flow.OpEscape, flow.OpSuper:
			e.all = true
		case flow.OpRead:
			e.touches = true
			c.addCalled(e, op.Name)
		case flow.OpCall:
			c.addCalled(e, op.Name)
		}
		for _, b := range op.Blocks {
			c.addEffects(e, b)
		}
	}
}

func (c *checker) addCalled(e *effects, name string) {
	called := c.effects(name)
	e.all = e.all || called.all
	e.touches = e.touches || called.touches
	for set := range called.names {
		e.names[set] = true
	}
}

// reads reports whether a body, or a method that it calls, reads one of the names of self.
func (c *checker) reads(ops []flow.Op, busy map[string]bool, names ...string) bool {
	return slices.ContainsFunc(ops, func(op flow.Op) bool {
		switch op.Kind {
		case flow.OpRead:
			if slices.Contains(names, op.Name) {
				return true
			}
		case flow.OpCall:
			if m := c.ownMethod(op.Name); m != nil && !busy[op.Name] {
				busy[op.Name] = true
				return c.reads(m.Code().Ops, busy, names...)
			}
		}
		return slices.ContainsFunc(op.Blocks, func(b []flow.Op) bool { return c.reads(b, busy, names...) })
	})
}
