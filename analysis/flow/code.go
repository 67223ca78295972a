package flow

import (
	"sync/atomic"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// Code is what the body of a method does to its object, in order of execution:
// attributes read and set, methods called, branches and loops around them.
// Everything else is left out. It is computed once for a given text, so spans
// are relative to the method: add Method.Base.
type Code struct {
	Ops []Op
	// Self and Inputs are the names of the first two parameters, "" without.
	Self, Inputs string
	// Generator: a yield makes calling the method run nothing.
	Generator bool
}

// OpKind says what an Op does, and what its Name and Value are.
type OpKind uint8

const (
	OpRead    OpKind = iota // reads self.Name
	OpAssign                // sets self.Name to Value (no value: to something)
	OpAugment               // reads and sets self.Name, as += does
	OpDelete                // del self.Name
	OpChange                // changes what self.Name holds: self.Name["a"] = 1, self.Name.update(…)
	// OpGuard asks whether self.Name exists: hasattr, getattr with a default,
	// "name" in self.__dict__. Reads of the name are meant to be safe then.
	OpGuard
	OpCall  // calls self.Name(...); Value is the call. OpRead of the name does not precede it.
	OpSuper // calls super().Name(...); Value is the call
	OpNext  // self.next(...), anywhere; Value is the call
	OpMerge // self.merge_artifacts(...); Value is the call
	// OpEscape: self itself goes somewhere, or its attributes change by a name
	// that is not a literal: from here on anything may have been set.
	OpEscape
	// OpInput reads an artifact of inputs in a join: Name of the branch Branch
	// (inputs.branch.name), or of any branch (inputs[0].name, [i.name for i in
	// inputs]) with Branch "". Each: of every one of them.
	OpInput
	OpInputsEscape // inputs goes somewhere as a whole; Value is the call it goes to, if any
	OpInputsItem   // inputs[Value], where Value is a literal
	OpInputsMember // inputs.Name, of which no artifact is read here
	OpLocal        // binds the local variable Name to Value (no value: to something)
	// OpCurrent reads a dotted name that may start with Metaflow's current, such
	// as current.card: Name is all of it, Value the literal in brackets behind it.
	OpCurrent
	// OpCurrentGuard asks whether something, which may be current, has the
	// attribute Name.
	OpCurrentGuard
	// OpClass reads the attribute Name of a class: Branch is the class as
	// written, or "" for that of self.
	OpClass
	OpImport // imports the module Name
	OpReturn // leaves the method; Value is what is returned, if anything
	OpRaise  // leaves the method or the try around it; sys.exit() does, too; Value is the call that is returned, as in return sys.exit()
	OpBreak
	OpContinue
	OpYield
	OpAwait
	// OpIf runs one of Blocks; Exhaustive: always one of them, else perhaps
	// none. A conditional part of an expression is one, too.
	OpIf
	// OpLoop runs Blocks[0] any number of times, then Blocks[1], the else part,
	// unless broken out of. Exhaustive: it only ends by a break (while True).
	OpLoop
	// OpTry: Blocks are the body, else, finally, and then a handler each;
	// Exhaustive: a handler takes every exception, also AttributeError.
	OpTry
	// OpWith runs Blocks[0]; Exhaustive: what it enters swallows exceptions.
	OpWith
	// OpNested defines a function, lambda or class that holds Blocks[0]: it
	// runs later, often, or never.
	OpNested
)

// Op is one thing that a body does.
type Op struct {
	Kind       OpKind
	Exhaustive bool
	Each       bool
	// Function: what OpLocal binds is a function defined here, without decorators.
	Function bool
	// Inputs: what OpAssign sets is inputs, an element of it, or a list of all of them.
	Inputs bool
	Name   string
	Branch string
	Span   text.Span
	Value  *Value // never nil; one that is not Known stands for none
	Blocks [][]Op
}

// Method is a function in a class of the file that a flow has: a step, a
// helper, a property.
type Method struct {
	Name string
	// Class and File say what defines it, as for a Step.
	Class, File string
	// Rank is the place of the class in the method resolution order, 0 for the
	// flow itself; of a Step.Method it is always 0.
	Rank int
	// NameSpan is absolute.
	NameSpan text.Span
	// Base is where the method starts: what the spans of its code count from.
	Base int
	// Step: decorated with @step. Property: reading the attribute runs it.
	// Static: its first parameter is not the flow (staticmethod, classmethod).
	Step, Property, Static bool
	// Wrapped: another decorator may replace or change it.
	Wrapped bool
	// Cached: functools.cached_property keeps the value beside the others.
	Cached bool
	Async  bool
	Args   []Arg // ordinary positional parameters, spans relative

	method *method
}

// Kept is a place for what another package derives from the method's text,
// which versions of the file share.
func (m *Method) Kept(by KeptBy) *atomic.Value { return &m.method.kept[by] }

// KeptBy says who keeps something; each keeps values of one type.
type KeptBy int

const (
	KeptArtifacts KeptBy = iota
	KeptCurrent
	KeptPaths
	keptPlaces
)

// Code is what the method does.
func (m *Method) Code() *Code { return m.method.readCode() }

// Attribute is a value that a class body of the flow gives a name.
type Attribute struct {
	Name string
	// Class and File say what defines it, as for a Step.
	Class, File string
	Rank        int       // as that of Method
	Span        text.Span // the assignment, or the statement that binds the name
	NameSpan    text.Span
	Kind        AttributeKind
	// Conditional: it stands below if, for, try or the like.
	Conditional bool

	value syntax.Node
	base  int
}

// AttributeKind says what binds an Attribute.
type AttributeKind int

const (
	AssignedAttribute AttributeKind = iota // Value is what is assigned
	ClassAttribute                         // a class statement
	ModuleAttribute                        // import x
	ImportedAttribute                      // from x import y: a module or anything else
)

// Value is what is assigned.
func (a *Attribute) Value() Value { return valueOf(a.value).Shift(a.base) }

// lazyCode holds the code of a method once it was asked for.
type lazyCode = atomic.Pointer[Code]

func (m *method) readCode() *Code {
	if known := m.code.Load(); known != nil {
		return known
	}
	definition := m.root
	if definition.Kind() == syntax.DecoratedDefinition {
		definition = definition.Child(syntax.FieldDefinition)
	}
	made := newCode(parameters(definition.Child(syntax.FieldParameters)), definition.Child(syntax.FieldBody))
	if !m.code.CompareAndSwap(nil, made) { // places in it are told apart by their address
		return m.code.Load()
	}
	return made
}
