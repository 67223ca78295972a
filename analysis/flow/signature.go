package flow

import (
	"fmt"

	"flowls/analysis/syntax"
)

// Signature says how many positional arguments a function takes.
type Signature struct {
	Least, Most int // Most is -1 without limit
	// Keywords: it needs an argument that can only be given by name.
	Keywords bool
	// Gives is what it returns, if it does nothing but return what its text shows, else nil.
	Gives *Value
}

// Takes reports whether a call with n positional arguments fits.
func (s Signature) Takes(n int) bool {
	return !s.Keywords && s.Least <= n && (s.Most < 0 || n <= s.Most)
}

// signature reads the parameter list of a function or lambda.
func signature(list syntax.Node) Signature {
	var s Signature
	byName := false // behind a star
	for n := range list.Items() {
		optional := false
		switch n.Kind() {
		case syntax.PositionalSeparator:
			continue
		case syntax.KeywordSeparator:
			byName = true
			continue
		case syntax.ListSplatPattern:
			s.Most, byName = -1, true
			continue
		case syntax.DictionarySplatPattern:
			continue
		case syntax.TypedParameter:
			switch n.First().Kind() {
			case syntax.ListSplatPattern:
				s.Most, byName = -1, true
				continue
			case syntax.DictionarySplatPattern:
				continue
			}
		case syntax.DefaultParameter, syntax.TypedDefaultParameter:
			optional = true
		}
		switch {
		case byName:
			s.Keywords = s.Keywords || !optional
		case optional:
			s.Most++
		default:
			s.Least++
			s.Most++
		}
	}
	return s
}

// Function is the signature of a function of the file, known by a dotted name
// at an offset. A decorated one is not known: its decorator may change it.
func (f *Flow) Function(name string, at int) (Signature, bool) {
	scope := f.scopeAt(at)
	function := scope.resolve(name, at).function
	if function.Kind() != syntax.FunctionDefinition || scope.ambiguous(name, at) {
		return Signature{}, false
	}
	s := signature(function.Child(syntax.FieldParameters))
	s.Gives = given(function)
	return s, true
}

// Made is what calling a plain function of the file makes without running it:
// "a generator", "a coroutine", "an async generator", or "".
func (f *Flow) Made(name string, at int) string {
	scope := f.scopeAt(at)
	function := scope.resolve(name, at).function
	switch {
	case function.Kind() != syntax.FunctionDefinition || scope.ambiguous(name, at):
		return ""
	case hasToken(function, "async"):
		if yields(function.Child(syntax.FieldBody)) {
			return "an async generator"
		}
		return "a coroutine"
	case yields(function.Child(syntax.FieldBody)):
		return "a generator"
	}
	return ""
}

// yields reports whether a function with this body is a generator.
func yields(n syntax.Node) bool {
	for part := range n.Items() {
		switch part.Kind() {
		case syntax.FunctionDefinition, syntax.DecoratedDefinition, syntax.ClassDefinition, syntax.Lambda:
			continue
		case syntax.Yield:
			return true
		}
		if yields(part) {
			return true
		}
	}
	return false
}

// given is what a function returns that has, beside a docstring, one return.
func given(function syntax.Node) *Value {
	body := function.Child(syntax.FieldBody)
	last := body.Last()
	if last.Kind() != syntax.ReturnStatement || hasToken(function, "async") {
		return nil
	}
	for s := range body.Items() {
		if s != last && (s.Kind() != syntax.ExpressionStatement || valueOf(s.First()).Kind != String) {
			return nil
		}
	}
	v := valueOf(last.First())
	if !v.Known() {
		return nil
	}
	return &v
}

// IsClass reports whether a dotted name is a class statement of the file.
func (f *Flow) IsClass(name string, at int) bool {
	scope := f.scopeAt(at)
	return scope.resolve(name, at).class != nil && !scope.ambiguous(name, at)
}

// String makes signatures comparable where values are printed.
func (s *Signature) String() string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%d to %d, keywords %v", s.Least, s.Most, s.Keywords)
}
