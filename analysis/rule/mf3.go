package rule

import (
	"strings"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// The rules about decorators of steps and flows. What a decorator is applied
// to and with which arguments shows when the class body runs (import); values
// show when any command starts (init), in the run, or on the cluster.
var (
	unknownDecorator        = &Rule{Code: "MF301", Name: "unknown-decorator", Severity: Error, Summary: "A decorator is not defined, or Metaflow has none of this name but one that is nearly the same."}
	decoratorNotImported    = &Rule{Code: "MF302", Name: "decorator-not-imported", Severity: Error, Summary: "FlowSpec, a decorator, Parameter, Config, IncludeFile or current of Metaflow is used without an import."}
	unknownArgument         = &Rule{Code: "MF303", Name: "unknown-decorator-argument", Severity: Error, Summary: "A decorator does not have this argument."}
	positionalArgument      = &Rule{Code: "MF304", Name: "positional-decorator-argument", Severity: Error, Summary: "Metaflow's decorators take keyword arguments only."}
	wrongTarget             = &Rule{Code: "MF305", Name: "decorator-on-wrong-target", Severity: Error, Summary: "A step decorator is not on a step, or a flow decorator is not on a flow."}
	belowStep               = &Rule{Code: "MF306", Name: "decorator-below-step", Severity: Error, Summary: "A decorator stands below @step."}
	duplicateDecorator      = &Rule{Code: "MF307", Name: "duplicate-decorator", Severity: Error, Summary: "A decorator that may be used once is used twice."}
	missingArgument         = &Rule{Code: "MF308", Name: "missing-decorator-argument", Severity: Error, Summary: "A decorator lacks the argument that it needs."}
	invalidValue            = &Rule{Code: "MF309", Name: "invalid-decorator-value", Severity: Error, Summary: "Metaflow refuses the value of a decorator's argument."}
	conflictingDecorators   = &Rule{Code: "MF310", Name: "conflicting-decorators", Severity: Error, Summary: "Two decorators of a step exclude each other."}
	conflictingArguments    = &Rule{Code: "MF311", Name: "conflicting-decorator-arguments", Severity: Error, Summary: "Two arguments of a decorator exclude each other."}
	catchOnSplit            = &Rule{Code: "MF312", Name: "catch-on-split", Severity: Error, Summary: "@catch is on a step that ends with a foreach or a switch."}
	parallelOnSwitch        = &Rule{Code: "MF313", Name: "parallel-on-switch", Severity: Error, Summary: "@parallel is on a step that ends with a switch."}
	timeoutTooShort         = &Rule{Code: "MF314", Name: "timeout-too-short", Severity: Error, Summary: "A remote step has a timeout below one minute."}
	invalidRemoteValue      = &Rule{Code: "MF315", Name: "invalid-remote-value", Severity: Error, Summary: "@kubernetes or @batch refuses the value of an argument."}
	invalidResources        = &Rule{Code: "MF316", Name: "invalid-resources", Severity: Warning, Summary: "No compute layer can read a value of @resources."}
	valueFailsInRun         = &Rule{Code: "MF317", Name: "decorator-value-fails-in-run", Severity: Error, Summary: "The value of a decorator's argument makes the task fail."}
	unusableCardID          = &Rule{Code: "MF318", Name: "unusable-card-id", Severity: Warning, Summary: "A card cannot be reached by its id."}
	cardsWithoutID          = &Rule{Code: "MF319", Name: "cards-without-id", Severity: Hint, Summary: "Several cards of a step have no id."}
	unknownCardType         = &Rule{Code: "MF320", Name: "unknown-card-type", Severity: Hint, Summary: "Metaflow itself has no card of this type."}
	plainTextSecret         = &Rule{Code: "MF321", Name: "plain-text-secret", Severity: Hint, Summary: "A secret stands in the source."}
	invalidKubernetesObject = &Rule{Code: "MF322", Name: "invalid-kubernetes-object", Severity: Warning, Summary: "A value of @kubernetes does not make a Kubernetes object."}
)

// decoratorRules are about decorators of steps and flows: MF301 and on.
var decoratorRules = []*Rule{
	unknownDecorator, decoratorNotImported, unknownArgument, positionalArgument, wrongTarget, belowStep, duplicateDecorator,
	missingArgument, invalidValue, conflictingDecorators, conflictingArguments, catchOnSplit, parallelOnSwitch, timeoutTooShort,
	invalidRemoteValue, invalidResources, valueFailsInRun, unusableCardID, cardsWithoutID, unknownCardType, plainTextSecret,
	invalidKubernetesObject, unknownImport,
}

// applied is a decorator where it stands.
type applied struct {
	*flow.Decorator
	// builtin is Metaflow's own decorator of that name, nil for any other and
	// for one that may be another.
	builtin *catalog.Decorator
	step    *flow.Step // nil on a class
}

// is reports whether a is that decorator of Metaflow's.
func (a applied) is(name string) bool { return a.builtin != nil && a.builtin.Name == name }

// arg finds a keyword argument as written.
func (a applied) arg(name string) (flow.DecoratorArg, bool) {
	for _, arg := range a.Args {
		if arg.Name == name {
			return arg, true
		}
	}
	return flow.DecoratorArg{}, false
}

// whole: every argument is there to be seen.
func (a applied) whole() bool {
	for _, arg := range a.Args {
		if arg.Name == "*" || arg.Name == "**" {
			return false
		}
	}
	return true
}

// decoratorChecks finds what breaks decoratorRules and deployRules.
func (c *checker) decoratorChecks() {
	c.importChecks()
	c.importedNames()
	c.namesNotImported()
	if c.flow.Abstract {
		return // only running its class body shows anything
	}
	c.currentNotImported()
	for _, s := range c.flow.Steps {
		if headerBroken(s) {
			continue
		}
		list := c.decoratorsOf(s)
		for _, a := range list {
			c.argumentChecks(a, list)
			c.unfinished(a, list)
		}
		c.stepConflicts(s, list)
		c.cardChecks(list)
		c.plainSecrets(list)
	}
	if c.flow.Broken {
		return
	}
	list := c.classDecorators()
	for _, a := range list {
		c.argumentChecks(a, list)
		c.unfinished(a, list)
	}
	c.deployChecks(list)
}

// headerBroken: a syntax error makes a guess of decorators and arguments.
func headerBroken(s *flow.Step) bool { return s.Broken && s.Opaque }

func (c *checker) apply(d *flow.Decorator, s *flow.Step) applied {
	a := applied{Decorator: d, step: s}
	name, isOurs := "", false
	if full, b := c.flow.Look(d.Written, d.Span.Start); b == flow.Certain {
		name, isOurs = strings.CutPrefix(full, "metaflow.")
	}
	if isOurs {
		if known, ok := catalog.Default().Step(name); ok && known.Extension == "" {
			a.builtin = known
		} else if known, ok := catalog.Default().Flow(name); ok {
			a.builtin = known
		}
	}
	return a
}

// decoratorsOf are the decorators above @step that Metaflow attaches.
func (c *checker) decoratorsOf(s *flow.Step) []applied {
	if len(s.Decorators) == 0 {
		return nil
	}
	if known, ok := c.attached[s]; ok {
		return known
	}
	list := make([]applied, 0, len(s.Decorators))
	for _, d := range s.Decorators {
		if d.Span.Start < s.StepSpan.Start {
			list = append(list, c.apply(d, s))
		}
	}
	if c.attached == nil {
		c.attached = map[*flow.Step][]applied{}
	}
	c.attached[s] = list
	return list
}

// classDecorators are those of the flow and, as it inherits them, of its bases,
// the nearest first.
func (c *checker) classDecorators() []applied {
	list := make([]applied, 0, len(c.flow.Decorators)+len(c.flow.BaseDecorators))
	for _, decorators := range [][]*flow.Decorator{c.flow.Decorators, c.flow.BaseDecorators} {
		for _, d := range decorators {
			list = append(list, c.apply(d, nil))
		}
	}
	return list
}

// mutable: a decorator that is not Metaflow's may give others what they lack.
func mutable(list []applied) bool {
	for _, a := range list {
		if a.builtin == nil {
			return true
		}
	}
	return false
}

// at reports once, however many flows of the file inherit the place.
func (c *checker) at(r *Rule, a applied, span text.Span, message string, fixes ...Fix) {
	d := Diagnostic{Rule: r, Span: span, Message: message, Fixes: fixes}
	if a.step != nil {
		d.Step = a.step.Name
	}
	c.reportOnce(d)
}
