// Package flow is the model of a Python file as Metaflow sees it: plain values
// with byte spans, extracted from the syntax tree, safe to share between
// goroutines and never changed once built.
package flow

import (
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// File is one Python source file.
type File struct {
	Text *text.Text
	// Flows are the classes that are (or may be) flows, in source order.
	Flows []*Flow
	// SyntaxErrors are the places that Python could not parse and that touch a flow.
	SyntaxErrors []SyntaxError
	// Others are the files that the flows take something from, by Base.
	Others []*Module
	// Imports are the modules that executing the file imports whatever happens.
	Imports []Import

	root  syntax.Node
	scope *scope // of the module
}

// Import is an import statement at the top level.
type Import struct {
	Module string // "pandas", "sklearn.svm"; of `from x import y` it is "x.y"
	At     int    // start of the statement
}

// SyntaxError is a place that is not valid Python.
type SyntaxError struct {
	Span    text.Span
	Message string // one line: what is wrong
	Flow    string // enclosing flow, "" if none
	Step    string // enclosing step, "" if none
}

// Flow is a class that derives from metaflow.FlowSpec, directly, through
// classes of the same file, or through a base that cannot be resolved here.
type Flow struct {
	Name     string
	NameSpan text.Span
	Span     text.Span // first decorator to the end of the body
	Doc      string
	DocSpan  text.Span
	// Abstract means that another class builds on this one, of this file or of
	// another, and that nothing here runs it: Metaflow never lints it, so no rule
	// does.
	Abstract bool
	// Template means that nothing here runs the flow and that it looks like one
	// for subclasses in other files: those may define what it reads.
	Template bool
	// Open means that a base class, decorator or dynamic construct could add or
	// remove steps that this file does not show: rules that need the whole
	// graph stay silent.
	Open bool
	// OpenReason says why, for hover and logs; "" when not Open.
	OpenReason string
	// Broken means that a syntax error outside of any step may hide steps.
	Broken     bool
	Bases      []string // as written
	Decorators []*Decorator
	// BaseDecorators are those of the base classes, nearest first.
	BaseDecorators []*Decorator
	// Steps are the effective steps after inheritance (method resolution
	// order), in alphabetical order: the order in which Metaflow sees them.
	Steps      []*Step
	Parameters []*Parameter
	// Hidden are parameters that the same class body defines anew further down.
	Hidden []Hidden
	// Methods are the functions of the class and its bases by name, in method
	// resolution order: the first is in force unless an Attribute hides it.
	Methods map[string][]*Method
	// Attributes are the other values of the class bodies, in that order too.
	Attributes map[string][]*Attribute
	// Replaced are steps that something behind them in the same class body replaces.
	Replaced []Replaced

	scope   *scope      // of the class body
	classes []text.Span // of the flow and those of its bases that are in the file
	order   []*class
	find    *finder // while it is built
	room    []*Method
}

// Resolve is the full name of a dotted name at an offset, with import aliases
// undone: "metaflow.current.card" for cur.card after `from metaflow import
// current as cur`. Bound says whether anything binds it; a name that only the
// file itself defines has no full name.
func (f *Flow) Resolve(name string, at int) (full string, bound bool) {
	s := f.scopeAt(at).resolve(name, at)
	return s.name, s.bound
}

// scopeAt is the class body that decides what names mean at an offset: that of
// the flow itself for all places of its file.
func (f *Flow) scopeAt(at int) *scope {
	scope := f.scope
	if at < text.Foreign {
		return scope
	}
	for _, c := range f.order {
		if c.module.holds(at) {
			scope = c.body
			if c.span.Start <= at && at <= c.span.End {
				break
			}
		}
	}
	return scope
}

// Owns reports whether a place is in the class statement itself: not in a base
// class, wherever that is.
func (f *Flow) Owns(s text.Span) bool { return f.Span.Start <= s.Start && s.End <= f.Span.End }

// IsFunction reports whether a name means a plain function of the file.
func (f *Flow) IsFunction(name string, at int) bool {
	s := f.scopeAt(at).resolve(name, at)
	return s.function.Valid() && s.function.Kind() == syntax.FunctionDefinition
}

// Step is a method decorated with @step.
type Step struct {
	Name     string
	NameSpan text.Span // the name behind def
	Span     text.Span // first decorator to the end of the body
	DefSpan  text.Span // from def (or async) to the colon
	BodySpan text.Span
	Doc      string
	// Class is the class that defines the method, and File the file, "" for
	// this one. The spans of a step of another file are Foreign: see
	// File.Locate; Flow.Owns tells the steps of the class itself.
	Class, File string
	// Args are the ordinary positional parameters (Metaflow's num_args counts these).
	Args []Arg
	// Rest is the parameter *name, without the star; its span has it.
	Rest       Arg
	Async      bool
	IsStart    bool         // @step(start=True)
	IsEnd      bool         // @step(end=True)
	StepSpan   text.Span    // the @step decorator
	Decorators []*Decorator // the others, outermost first
	// Next is the last statement when it is a call of self.next, else nil.
	Next *Transition
	// Asides are the steps that other calls of self.next name, in source order.
	Asides []Target
	// Assigns are the assignments to self.<name> in the body, in source order.
	Assigns []*Assign
	// Method is the function itself, with its code.
	Method *Method
	// Opaque means that an unknown decorator stands between @step and def: the
	// function that Metaflow sees may be another one; or that the arguments of
	// @step are no literals, so that this may be the last step.
	Opaque bool
	// Wrapper is the function that Metaflow surely sees in place of an Opaque
	// step, nil if it is the step or nothing is known.
	Wrapper *Wrapper
	// Broken means that the body holds a syntax error: rules about its
	// transition stay silent.
	Broken bool
	// NextBroken means that the error lies in the transition, so that what it
	// names is a guess.
	NextBroken bool
}

// Wrapper is a function that a decorator below @step returns without
// functools.wraps: Metaflow reads it as the step.
type Wrapper struct {
	Name      string
	Of        string     // what the decorator calls the step
	Decorator *Decorator // that returns it
	DefSpan   text.Span  // from def to the colon
	Args      int        // ordinary positional parameters
	Next      bool       // it ends with self.next
}

// Arg is one parameter of a step.
type Arg struct {
	Name string
	Span text.Span
}

// Replaced is the definition of a step that is dead: By is the name in the one
// that took its place.
type Replaced struct {
	Name     string
	NameSpan text.Span
	By       text.Span
}

// TransitionKind is the form of a self.next call.
type TransitionKind int

const (
	Invalid     TransitionKind = iota // none of the supported forms
	Linear                            // one target, no keyword (or a join's)
	Split                             // two or more targets
	Foreach                           // foreach=
	NumParallel                       // num_parallel=
	Switch                            // {…}, condition=
)

// Transition is a self.next(...) call that ends a step.
type Transition struct {
	Kind TransitionKind
	Span text.Span // the call: its first line is the one Metaflow reports
	// StatementSpan is the whole statement, with parentheses around the call.
	StatementSpan text.Span
	// Targets are the steps named, in order; for a Switch the values of the cases.
	Targets []Target
	// ForeachCall: the only keyword is foreach= or num_parallel=, valid or not.
	ForeachCall bool
	// Foreach is the literal of foreach=, "" if it is not a string literal.
	Foreach     string
	NumParallel int // literal of num_parallel=, 0 if none
	Condition   string
	Cases       []Case
	// KeywordSpan is the value of foreach=, num_parallel= or condition=.
	KeywordSpan text.Span
}

// Target is one step named in a transition.
type Target struct {
	Name string
	Span text.Span // the step's name, without "self."
}

// Case is one entry of a switch: Key as Metaflow keeps it ("config:cfg.key" for self.cfg.key).
type Case struct {
	Key     string
	KeySpan text.Span
	Target  Target
}

// Decorator is a decorator of a step or a flow.
type Decorator struct {
	Name     string    // canonical: the name after import aliases are undone, e.g. "retry"
	Written  string    // as written, e.g. "mf.retry"
	Span     text.Span // from @ to the end
	NameSpan text.Span
	// FromMetaflow: the name is bound by an import from metaflow (or its star).
	FromMetaflow bool
	// PassesOn: a function of this file that returns what it decorates, or a step
	// that does the same: a wrapper that only calls it, or one with more of
	// Metaflow's decorators that set no artifact.
	PassesOn bool
	// Touches: of a class, it may set attributes of it nevertheless.
	Touches bool
	Call    bool // written with parentheses
	Args    []DecoratorArg
}

// DecoratorArg is one argument of a decorator.
type DecoratorArg struct {
	Name      string // "" for a positional argument, "*" or "**" for an unpacked one
	NameSpan  text.Span
	ValueSpan text.Span
	Span      text.Span
	Value     Value
}

// Parameter is a Parameter, IncludeFile or Config of a flow.
type Parameter struct {
	Kind     string // "Parameter", "IncludeFile", "Config"
	Attr     string // the class attribute
	Name     string // the option name: first argument, "" if not a literal
	AttrSpan text.Span
	Span     text.Span
	// Class and File say what defines it, as for a Step.
	Class, File string

	value syntax.Node
	base  int
}

// Hidden is a parameter that a later statement replaces.
type Hidden struct {
	*Parameter
	By text.Span // the name there
}

// Call is the call that makes the parameter.
func (p *Parameter) Call() Value { return valueOf(p.value).Shift(p.base) }

// Assign is an assignment to an attribute of self.
type Assign struct {
	Name string
	Span text.Span // the target, "self.x"
	// StatementEnd is the byte offset of the end of the statement's last line of
	// code: where an inlay hint stands.
	StatementEnd int
}
