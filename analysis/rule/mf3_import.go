package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// importChecks finds what raises as soon as Python runs the class statement.
func (c *checker) importChecks() {
	for _, s := range c.flow.Steps {
		if headerBroken(s) {
			continue
		}
		c.decoratorNames(s.Decorators, s)
		list := c.decoratorsOf(s)
		c.keywords(list)
		c.duplicates(list)
		c.targetsOfStep(s, list)
		c.below(s)
	}
	for _, name := range slices.Sorted(c.plainMethods()) {
		c.targetOfMethod(c.flow.Methods[name][0])
	}
	if c.flow.Broken {
		return
	}
	own := make([]applied, 0, len(c.flow.Decorators))
	for _, d := range c.flow.Decorators {
		own = append(own, c.apply(d, nil))
	}
	c.decoratorNames(c.flow.Decorators, nil)
	c.keywords(own)
	c.targetsOfClass(own)
	c.duplicates(c.classDecorators())
}

// plainMethods yields the names of methods of this class that are no steps.
func (c *checker) plainMethods() func(func(string) bool) {
	return func(yield func(string) bool) {
		for name, list := range c.flow.Methods {
			if m := list[0]; !m.Step && c.flow.Owns(m.NameSpan) && !yield(name) {
				return
			}
		}
	}
}

// keywords checks the names of arguments.
func (c *checker) keywords(list []applied) {
	for _, a := range list {
		if a.builtin == nil {
			continue
		}
		for _, arg := range a.Args {
			if arg.Name == "" {
				c.positional(a, arg)
				break // Metaflow sees the first only
			}
			if arg.Name == "*" || arg.Name == "**" {
				continue
			}
			if _, ok := a.builtin.Arg(arg.Name); !ok {
				c.unknownKeyword(a, arg)
			}
		}
	}
}

func (c *checker) unknownKeyword(a applied, arg flow.DecoratorArg) {
	names := make([]string, 0, len(a.builtin.Args))
	for _, known := range a.builtin.Args {
		if _, used := a.arg(known.Name); !used {
			names = append(names, known.Name)
		}
	}
	message := fmt.Sprintf("`@%s` has no argument `%s`", a.builtin.Name, arg.Name)
	near := meantArgument(arg.Name, names)
	switch {
	case len(a.builtin.Args) == 0:
		c.at(unknownArgument, a, arg.Span, fmt.Sprintf("`@%s` takes no arguments; remove `%s`.", a.builtin.Name, arg.Name))
	case near != "":
		c.at(unknownArgument, a, arg.NameSpan, message+fmt.Sprintf("; use `%s`.", near), replace(arg.NameSpan, near, "Change to "+near+"="))
	default:
		c.at(unknownArgument, a, arg.NameSpan, message+fmt.Sprintf(" in Metaflow %s; it takes %s.", catalog.Default().Metaflow, quote(names)))
	}
}

// synonyms are arguments as other tools call them.
var synonyms = map[string]string{
	"ram": "memory", "cores": "cpu", "vcpu": "cpu", "vcpus": "cpu", "container": "image", "docker_image": "image",
	"retries": "times", "max_retries": "times", "attempts": "times",
}

// meantArgument is the one of the names that an unknown one means: a synonym, the
// only one that begins so, or the nearest.
func meantArgument(name string, names []string) string {
	if s := synonyms[name]; slices.Contains(names, s) {
		return s
	}
	longer := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return len(name) < 3 || !strings.HasPrefix(n, name) })
	if len(longer) == 1 {
		return longer[0]
	}
	return nearest(name, names)
}

// natural is the argument that one means by a value without a name.
var natural = map[string]string{
	"retry": "times", "timeout": "seconds", "catch": "var", "environment": "vars", "project": "name", "schedule": "cron",
	"trigger": "event", "trigger_on_finish": "flow", "card": "type", "secrets": "sources",
	"conda": "packages", "pypi": "packages", "conda_base": "packages", "pypi_base": "packages",
}

func (c *checker) positional(a applied, arg flow.DecoratorArg) {
	message := fmt.Sprintf("`@%s` takes keyword arguments only; give the value a name", a.builtin.Name)
	name := natural[a.builtin.Name]
	_, given := a.arg(name)
	others := slices.ContainsFunc(a.Args, func(other flow.DecoratorArg) bool {
		return (other.Name == "" || other.Name == "*") && other.Span != arg.Span
	})
	if name == "" || given || others { // a value without a name cannot follow one that has it
		c.at(positionalArgument, a, arg.Span, message+".")
		return
	}
	insert := text.Span{Start: arg.Span.Start, End: arg.Span.Start}
	c.at(positionalArgument, a, arg.Span, fmt.Sprintf("%s, such as `%s=`.", message, name), replace(insert, name+"=", "Add "+name+"="))
}

// below finds decorators between @step and def, and offers to move them up.
func (c *checker) below(s *flow.Step) {
	if s.Opaque {
		return // something else there may make a step of the function
	}
	for _, d := range s.Decorators {
		a := c.apply(d, s)
		if d.Span.Start < s.StepSpan.Start || a.builtin == nil {
			continue
		}
		var fixes []Fix
		if fix, ok := c.moveAbove(d.Span, s.StepSpan); ok && a.builtin.Level == catalog.StepLevel {
			fixes = append(fixes, fix)
		}
		if a.builtin.Level == catalog.FlowLevel {
			c.at(wrongTarget, a, d.Span, fmt.Sprintf("`@%s` is for flows; move it above the class.", a.builtin.Name))
			continue
		}
		c.at(belowStep, a, d.Span, fmt.Sprintf("`@%s` must stand above `@step`; move it up.", a.builtin.Name), fixes...)
	}
}

// moveAbove moves the lines of a decorator in front of the line of another.
func (c *checker) moveAbove(from, to text.Span) (Fix, bool) {
	src := c.file.Text
	lines := text.Span{Start: src.LineSpan(src.Line(from.Start)).Start, End: src.LineSpan(src.Line(from.End)).End}
	next := src.Line(from.End) + 1
	before := src.LineSpan(src.Line(to.Start)).Start
	head := src.Slice(text.Span{Start: before, End: to.Start})
	if strings.TrimSpace(src.Slice(text.Span{Start: lines.Start, End: from.Start})) != "" || strings.TrimSpace(head) != "" || next >= src.LineCount() {
		return Fix{}, false
	}
	return Fix{
		Title: "Move above @step",
		Edits: []text.Edit{
			{Span: text.Span{Start: before, End: before}, New: src.Slice(lines) + src.LineEnding()},
			{Span: text.Span{Start: lines.Start, End: src.LineSpan(next).Start}},
		},
		Preferred: true,
	}, true
}

// duplicates finds a decorator that is attached twice. Of a class the list
// holds the decorators of its bases too.
func (c *checker) duplicates(list []applied) {
	first := map[string]applied{}
	for _, a := range list {
		if a.builtin == nil || a.builtin.Multiple {
			continue
		}
		seen, twice := first[a.builtin.Name]
		if !twice {
			first[a.builtin.Name] = a
			continue
		}
		again := a
		what := "the step"
		if a.step == nil {
			what = "the flow"
			if !c.owns(a) { // a base has it: report where this class repeats it
				if again, seen = seen, a; !c.owns(again) {
					c.reportOnce(Diagnostic{
						Rule: duplicateDecorator, Span: c.flow.NameSpan, Related: []Related{{again.Span, "the first"}, {seen.Span, "the second"}},
						Message: fmt.Sprintf("Two bases of `%s` have `@%s`; a flow can have it once, so take it off one of them.", c.flow.Name, again.builtin.Name),
					})
					continue
				}
				what = "a base of the flow"
			}
		}
		d := Diagnostic{
			Rule: duplicateDecorator, Span: again.Span, Related: []Related{{seen.Span, "the other one"}},
			Message: fmt.Sprintf("%s already has `@%s`; remove one of them.", strings.ToUpper(what[:1])+what[1:], again.builtin.Name),
			Fixes:   c.removeDecorator(again),
		}
		if a.step != nil {
			d.Step = a.step.Name
		}
		c.reportOnce(d)
	}
}

// owns: the decorator stands above this very class.
func (c *checker) owns(a applied) bool {
	return c.flow.Span.Start <= a.Span.Start && a.Span.Start < c.flow.NameSpan.Start
}

// removeDecorator takes a decorator away that has its lines for itself.
func (c *checker) removeDecorator(a applied) []Fix {
	src := c.file.Text
	first, next := src.Line(a.Span.Start), src.Line(a.Span.End)+1
	start := src.LineSpan(first).Start
	if next >= src.LineCount() || strings.TrimSpace(src.Slice(text.Span{Start: start, End: a.Span.Start})) != "" {
		return nil
	}
	return []Fix{{
		Title: fmt.Sprintf("Remove this @%s", a.builtin.Name),
		Edits: []text.Edit{{Span: text.Span{Start: start, End: src.LineSpan(next).Start}}},
	}}
}

func replace(span text.Span, with, title string) Fix {
	return Fix{Title: title, Edits: []text.Edit{{Span: span, New: with}}, Preferred: true}
}
