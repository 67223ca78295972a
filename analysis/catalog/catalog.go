// Package catalog tells what Metaflow offers: decorators with their arguments,
// `current`, the members of FlowSpec, parameters, importable and reserved
// names. The facts are generated from the installed package (catalog.json, and
// from it table.go), so that they are there before any Python environment exists.
package catalog

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:generate go run flowls/tools/gencatalog

// Argument is one argument of a decorator, method or constructor.
type Argument struct {
	Name string `json:"name"`
	Type string `json:"type"` // as documented, "" if unknown
	// Default is a Python literal; "" means that the argument is required.
	// Numbers that Metaflow keeps as strings are numbers here.
	Default string `json:"default"`
	// Effective is the documented default where it differs from Default, for
	// example the configuration variable that fills it.
	Effective string `json:"effective"`
	Help      string `json:"help"`
}

// Attribute is an attribute of `current`, or a member of FlowSpec.
type Attribute struct {
	Name    string     `json:"name"`
	Kind    string     `json:"kind"` // "property" or "method"
	Type    string     `json:"type"` // of the value or result, "" if unknown
	Summary string     `json:"summary"`
	Args    []Argument `json:"args"`
	// From names the decorators that add the attribute; empty if it is always there.
	From []string `json:"-"`
}

// Option is a command-line option that a flow decorator adds before the command.
type Option struct {
	Name     string `json:"name"`
	Help     string `json:"help"`
	Flag     bool   `json:"flag"`
	Multiple bool   `json:"multiple"`
}

// Level says what a decorator decorates.
type Level string

const (
	StepLevel Level = "step"
	FlowLevel Level = "flow"
)

// Decorator is a decorator of steps or flows.
type Decorator struct {
	Name    string      `json:"name"`
	Summary string      `json:"summary"` // one sentence, Markdown
	Args    []Argument  `json:"args"`
	Current []Attribute `json:"current"` // what it adds to `current`
	Options []Option    `json:"options"`
	// Multiple: may be applied more than once to the same step or flow.
	Multiple bool `json:"multiple"`
	// Parallel: counts as @parallel in the step graph (IS_PARALLEL).
	Parallel bool  `json:"parallel"`
	Level    Level `json:"-"`
	// Extension is the distribution that brings the decorator; "" for Metaflow itself.
	Extension string `json:"-"`
}

// Arg finds an argument by name.
func (d *Decorator) Arg(name string) (*Argument, bool) {
	for i := range d.Args {
		if d.Args[i].Name == name {
			return &d.Args[i], true
		}
	}
	return nil, false
}

// Construct is a class that is instantiated in a flow's body: Parameter, IncludeFile, Config.
type Construct struct {
	Name    string     `json:"name"`
	Summary string     `json:"summary"`
	Args    []Argument `json:"args"`
}

// Export is a name for `from metaflow import …`.
type Export struct {
	Name string `json:"name"`
	// Kind: "class", "function", "module", "value", "step decorator", "flow decorator".
	Kind    string `json:"kind"`
	Summary string `json:"summary"`
}

// Catalog is what one version of Metaflow offers. It is shared and never changed.
type Catalog struct {
	Metaflow    string      `json:"metaflow"` // version
	Marker      Decorator   `json:"marker"`   // @step itself
	Current     []Attribute `json:"current"`  // always there, then those added by decorators
	FlowMembers []Attribute `json:"flow_members"`
	Constructs  []Construct `json:"constructs"`
	Exports     []Export    `json:"exports"`
	Cards       []string    `json:"cards"` // classes of metaflow.cards
	// ReservedParameters cannot name a Parameter, ReservedSteps cannot name a step.
	ReservedParameters []string `json:"reserved_parameters"`
	ReservedSteps      []string `json:"reserved_steps"`
	// LintChecks are the check functions of metaflow/lint.py in the order in which they run.
	LintChecks []string `json:"lint_checks"`

	Steps []Decorator `json:"step_decorators"`
	Flows []Decorator `json:"flow_decorators"`
	// ExtensionSteps are known decorators of public extensions, not of Metaflow itself.
	ExtensionSteps []Decorator `json:"-"`
}

// Default is the catalogue of the Metaflow that flowls was built against.
var Default = sync.OnceValue(func() *Catalog {
	c := table
	c.complete()
	return &c
})

// complete adds what follows from the rest, and what is kept by hand.
func (c *Catalog) complete() {
	c.ExtensionSteps = extensionSteps()
	c.Marker.Level = StepLevel
	for i := range c.Steps {
		c.Steps[i].Level = StepLevel
	}
	for i := range c.Flows {
		c.Flows[i].Level = FlowLevel
	}
	c.addCurrent()
}

// addCurrent appends the attributes that decorators add to `current`, each once.
func (c *Catalog) addCurrent() {
	at := map[string]int{}
	for _, d := range append(slices.Clone(c.Steps), c.Flows...) {
		for _, a := range d.Current {
			i, ok := at[a.Name]
			if !ok {
				i = len(c.Current)
				at[a.Name] = i
				a.Kind = "property"
				c.Current = append(c.Current, a)
			}
			c.Current[i].From = append(c.Current[i].From, d.Name)
		}
	}
}

// Step finds a step decorator, those of known extensions included. @step itself is Marker.
func (c *Catalog) Step(name string) (*Decorator, bool) {
	if d, ok := named(c.Steps, name); ok {
		return d, true
	}
	return named(c.ExtensionSteps, name)
}

// Flow finds a flow decorator.
func (c *Catalog) Flow(name string) (*Decorator, bool) {
	return named(c.Flows, name)
}

// named looks through a list so short that a map would not pay.
func named(list []Decorator, name string) (*Decorator, bool) {
	for i := range list {
		if list[i].Name == name {
			return &list[i], true
		}
	}
	return nil, false
}

// StepDecorators are Metaflow's own step decorators by name, without @step and extensions.
func (c *Catalog) StepDecorators() []Decorator { return slices.Clone(c.Steps) }

// FlowDecorators are Metaflow's own flow decorators by name.
func (c *Catalog) FlowDecorators() []Decorator { return slices.Clone(c.Flows) }

// IsParallel reports whether a step decorator makes its step a parallel one: it
// has IS_PARALLEL in Metaflow or in a public extension. It needs no catalogue,
// since every graph asks it; a test compares them.
func IsParallel(name string) bool {
	switch name {
	case "parallel", "pytorch_parallel", "deepspeed", "metaflow_ray", "mpi", "torchrun":
		return true
	case "ray_parallel": // the name that metaflow_ray had at first
		return true
	}
	return false
}

// Construct finds Parameter, IncludeFile or Config.
func (c *Catalog) Construct(name string) (*Construct, bool) {
	i := slices.IndexFunc(c.Constructs, func(x Construct) bool { return x.Name == name })
	if i < 0 {
		return nil, false
	}
	return &c.Constructs[i], true
}

// Signature is the decorator as one would write it with all arguments, for
// example `@retry(times=3, minutes_between_retries=2)`.
func (d *Decorator) Signature() string {
	if len(d.Args) == 0 {
		return "@" + d.Name
	}
	parts := make([]string, len(d.Args))
	for i, a := range d.Args {
		parts[i] = a.Name + "=" + a.Default
	}
	return "@" + d.Name + "(" + strings.Join(parts, ", ") + ")"
}

// Markdown is the documentation of a decorator: summary, arguments, what it
// adds to `current`, its command-line options. The signature is not repeated.
func (d *Decorator) Markdown() string {
	var b strings.Builder
	b.WriteString(d.Summary)
	if d.Extension != "" {
		fmt.Fprintf(&b, "\n\nFrom the extension `%s`.", d.Extension)
	}
	if len(d.Args) > 0 {
		b.WriteString("\n\n**Arguments**\n")
	}
	for _, a := range d.Args {
		b.WriteString("\n- " + a.Markdown())
	}
	if len(d.Current) > 0 {
		b.WriteString("\n\n**Adds**\n")
	}
	for _, a := range d.Current {
		fmt.Fprintf(&b, "\n- `current.%s`: %s", a.Name, a.Summary)
	}
	if len(d.Options) > 0 {
		b.WriteString("\n\n**Command line**\n")
	}
	for _, o := range d.Options {
		fmt.Fprintf(&b, "\n- `--%s`: %s", o.Name, o.Help)
	}
	if d.Multiple {
		fmt.Fprintf(&b, "\n\nMay be used several times on one %s.", d.Level)
	}
	return b.String()
}

// Markdown is one line: name, type, default and help.
func (a *Argument) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "`%s`", a.Name)
	if a.Type != "" {
		fmt.Fprintf(&b, " (`%s`)", a.Type)
	}
	switch {
	case a.Effective != "":
		fmt.Fprintf(&b, " = `%s`", a.Effective)
	case a.Default != "" && a.Default != "None":
		fmt.Fprintf(&b, " = `%s`", a.Default)
	}
	if a.Help != "" {
		b.WriteString(": " + a.Help)
	}
	return b.String()
}
