package rule

import (
	"flowls/analysis/flow"
)

// parameterRules are about parameters, configs and class attributes: MF4xx.
var parameterRules = []*Rule{
	reservedParameter, duplicateParameter, sharedOption, badOptionName, badDefault, truncatedDefault, badParameterType, unsettableParameter,
	separatorNotString, functionNotAllowed, deployTimeArguments, badParameterArguments, ignoredConfigArgument, twoConfigDefaults,
	ignoredAttribute, brokenMember, otherOptionName, unpicklableAttribute, classInFlow,
}

var (
	reservedParameter     = &Rule{Code: "MF401", Name: "reserved-parameter-name", Severity: Error, Summary: "A parameter has a name that Metaflow's own options use."}
	duplicateParameter    = &Rule{Code: "MF402", Name: "duplicate-parameter", Severity: Error, Summary: "Two parameters of a flow have the same name."}
	sharedOption          = &Rule{Code: "MF403", Name: "shared-parameter-value", Severity: Warning, Summary: "Two parameter names differ only by `-` and `_`, so both get one value."}
	badOptionName         = &Rule{Code: "MF404", Name: "bad-parameter-name", Severity: Error, Summary: "The name of a parameter cannot be a command-line option."}
	badDefault            = &Rule{Code: "MF405", Name: "bad-default", Severity: Error, Summary: "The default of a parameter does not fit its type."}
	truncatedDefault      = &Rule{Code: "MF406", Name: "truncated-default", Severity: Warning, Summary: "The default of an int parameter has a fraction, which is cut off."}
	badParameterType      = &Rule{Code: "MF407", Name: "bad-parameter-type", Severity: Error, Summary: "The type of a parameter is no type."}
	unsettableParameter   = &Rule{Code: "MF408", Name: "parameter-without-conversion", Severity: Hint, Summary: "A list or dict parameter cannot be given on the command line."}
	separatorNotString    = &Rule{Code: "MF409", Name: "separator-not-string", Severity: Error, Summary: "A parameter with separator= is no string."}
	functionNotAllowed    = &Rule{Code: "MF410", Name: "function-not-allowed", Severity: Error, Summary: "An argument of a parameter that must be a value is a function."}
	deployTimeArguments   = &Rule{Code: "MF411", Name: "deploy-time-arguments", Severity: Error, Summary: "A function given as default cannot take the context that Metaflow passes."}
	badParameterArguments = &Rule{Code: "MF412", Name: "bad-parameter-arguments", Severity: Error, Summary: "A parameter is declared with arguments that it does not take, or without a name."}
	ignoredConfigArgument = &Rule{Code: "MF413", Name: "ignored-config-argument", Severity: Warning, Summary: "A Config has an argument that nothing reads."}
	twoConfigDefaults     = &Rule{Code: "MF414", Name: "two-config-defaults", Severity: Error, Summary: "A Config has both default and default_value."}
	ignoredAttribute      = &Rule{Code: "MF415", Name: "ignored-class-attribute", Severity: Warning, Summary: "Metaflow does not see a parameter or class attribute of this name."}
	brokenMember          = &Rule{Code: "MF416", Name: "broken-flow-member", Severity: Error, Summary: "A class attribute takes the place of a member of FlowSpec that Metaflow needs."}
	otherOptionName       = &Rule{Code: "MF417", Name: "other-parameter-name", Severity: Hint, Summary: "A parameter's name on the command line is not that of its attribute."}
	unpicklableAttribute  = &Rule{Code: "MF418", Name: "unpicklable-class-attribute", Severity: Error, Summary: "A class attribute cannot be stored with the run."}
	classInFlow           = &Rule{Code: "MF419", Name: "class-in-flow", Severity: Error, Summary: "A class attribute of a flow is a class."}
)

// parameterChecks finds what breaks parameterRules.
func (c *checker) parameterChecks() {
	var all []declaration
	for _, p := range c.flow.Parameters {
		all = append(all, c.declared(p))
	}
	c.parameterNames(all)
	for _, d := range all {
		if ignoredName(d.Attr) || c.seenBefore(d.Parameter) {
			continue
		}
		c.parameterArguments(d)
		c.parameterValues(d)
	}
	c.classAttributes()
}

// seenBefore reports whether a flow further up has the same parameter, so that
// what is wrong with it has been said.
func (c *checker) seenBefore(p *flow.Parameter) bool {
	if c.flow.Owns(p.Span) {
		return false
	}
	for _, f := range c.file.Flows {
		if f == c.flow {
			return false
		}
		if f.Abstract {
			continue
		}
		for _, o := range f.Parameters {
			if o.AttrSpan == p.AttrSpan {
				return true
			}
		}
	}
	return false
}

// declaration is a parameter with its arguments by name.
type declaration struct {
	*flow.Parameter
	call flow.Value
	at   int // where names are resolved
	args map[string]flow.Value
}

// order is the order of positional arguments.
var order = map[string][]string{
	"Parameter":   {"name", "default", "type", "help", "required", "show_default"},
	"IncludeFile": {"name", "required", "is_text", "encoding", "help", "parser"},
	"Config":      {"name", "default", "default_value", "help", "required", "parser", "plain"},
}

func (c *checker) declared(p *flow.Parameter) declaration {
	d := declaration{Parameter: p, call: p.Call(), at: p.Span.Start, args: map[string]flow.Value{}}
	names := order[p.Kind]
	for i, v := range d.call.Items {
		if i < len(names) {
			d.args[names[i]] = v
		}
	}
	for _, k := range d.call.Keywords {
		d.args[k.Name] = k.Value
	}
	return d
}

// given is the value of an argument. With none, sure tells whether there is
// none for certain: ** may bring it. None stands for none.
func (d declaration) given(name string) (v flow.Value, there, sure bool) {
	v, there = d.args[name]
	if there && v.Kind == flow.None {
		return v, false, true
	}
	return v, there, there || !d.call.Unpacks
}

// absent: the argument is not given for certain.
func (d declaration) absent(names ...string) bool {
	for _, n := range names {
		if _, there, sure := d.given(n); there || !sure {
			return false
		}
	}
	return true
}
