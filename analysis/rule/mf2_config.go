package rule

import (
	"slices"

	"flowls/analysis/flow"
)

// configChecks looks for code that changes what a Config holds.
func (c *checker) configChecks() {
	configs := map[string]*flow.Parameter{}
	for _, p := range c.flow.Parameters {
		if attributes := c.flow.Attributes[p.Attr]; p.Kind == "Config" && len(attributes) == 1 && !attributes[0].Conditional && immutable(p.Call()) {
			configs[p.Attr] = p
		}
	}
	if len(configs) == 0 || !c.whole() {
		return
	}
	for _, s := range c.flow.Steps {
		if c.own(s) && !s.Opaque && !s.Broken {
			w := &changeWalk{checker: c, method: s.Method, configs: configs}
			w.block(s.Method.Code().Ops)
		}
	}
	for name, list := range c.flow.Methods {
		if m := list[0]; !m.Step && !m.Static && !m.Wrapped && c.flow.Owns(m.NameSpan) && len(c.callersOf(name)) > 0 {
			w := &changeWalk{checker: c, method: m, configs: configs, perhaps: true}
			w.block(m.Code().Ops)
		}
	}
}

// immutable: the value is a ConfigValue, or None, and not what a plain parser returned.
func immutable(call flow.Value) bool {
	plain, given := call.Keyword("plain")
	return !call.Unpacks && len(call.Items) <= 6 && (!given || plain.Value.Kind == flow.Bool && plain.Value.Text == "False")
}

// changeWalk goes through a method in search of such code.
type changeWalk struct {
	*checker
	method  *flow.Method
	configs map[string]*flow.Parameter
	perhaps bool // what comes may not run
}

func (w *changeWalk) block(ops []flow.Op) {
	for i := range ops {
		switch op := &ops[i]; op.Kind {
		case flow.OpChange:
			if p := w.configs[op.Name]; p != nil {
				w.changed(op, p)
			}
		case flow.OpTry: // what fails there is expected to
		case flow.OpWith:
			if !op.Exhaustive {
				w.block(op.Blocks[0])
			}
		case flow.OpNested: // nobody may call it
		case flow.OpIf, flow.OpLoop:
			before := w.perhaps
			for _, b := range op.Blocks {
				w.perhaps = true
				w.block(b)
			}
			w.perhaps = before || slices.ContainsFunc(op.Blocks, leavesMethod)
		}
	}
}

// leavesMethod reports whether ops may leave the method.
func leavesMethod(ops []flow.Op) bool {
	found := false
	walkOps(ops, func(o *flow.Op) { found = found || o.Kind == flow.OpReturn || o.Kind == flow.OpRaise })
	return found
}

func (w *changeWalk) changed(op *flow.Op, config *flow.Parameter) {
	code := w.method.Code()
	w.report(Diagnostic{
		Rule: readOnlyValue, Span: op.Span.Shift(w.method.Base), Perhaps: w.perhaps,
		Message: "`" + op.Name + "` is a Config, and those are read-only: change a copy, `" + code.Self + "." + op.Name + ".to_dict()`, and keep it under another name.",
		Related: []Related{{Span: config.AttrSpan, Message: "`" + op.Name + "` is defined here"}},
	})
}
