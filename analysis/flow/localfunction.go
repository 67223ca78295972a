package flow

import (
	"strings"

	"flowls/analysis/syntax"
)

// effect is what a function of the file does when it decorates something, as
// far as its body shows.
type effect int

const (
	unknownEffect effect = iota
	// passesOn: returns its argument itself.
	passesOn
	// replaces: returns a plain new function, which carries nothing over of what
	// @step set on the old one.
	replaces
)

// decoratorEffect reads the body of a function that is used as a decorator
// without arguments. The zero Node has an unknown effect.
func decoratorEffect(function syntax.Node) effect {
	if function.Kind() == syntax.DecoratedDefinition {
		return unknownEffect // e.g. @user_step_decorator: the decorator decides
	}
	args := parameters(function.Child(syntax.FieldParameters))
	if len(args) != 1 {
		return unknownEffect
	}
	body := function.Child(syntax.FieldBody)
	returned, sure := returns(body)
	if !sure {
		return unknownEffect
	}
	if returned == args[0].Name {
		return passesOn
	}
	// A nested function without any decorator; its attributes must stay alone.
	for n := range body.Items() {
		if part, _ := n.Part(); part != nil {
			n = part.Root()
		}
		if n.Kind() == syntax.FunctionDefinition && identifier(n.Child(syntax.FieldName)) == returned &&
			!strings.Contains(body.Text(), "update_wrapper") && !strings.Contains(body.Text(), "__dict__") &&
			!strings.Contains(body.Text(), returned+".") {
			return replaces
		}
	}
	return unknownEffect
}

// returns is the name that the last statement of a body returns; sure means
// that it is a plain name and that nothing else of the body returns.
func returns(body syntax.Node) (name string, sure bool) {
	count := 0
	var walk func(syntax.Node)
	walk = func(n syntax.Node) {
		for c := range n.Items() {
			if part, _ := c.Part(); part != nil {
				continue // a nested function returns for itself
			}
			switch c.Kind() {
			case syntax.FunctionDefinition, syntax.ClassDefinition, syntax.Lambda, syntax.DecoratedDefinition:
				continue
			case syntax.ReturnStatement, syntax.Yield:
				count++
			}
			walk(c)
		}
	}
	walk(body)
	last := body.Last()
	if count != 1 || last.Kind() != syntax.ReturnStatement || last.First().Kind() != syntax.Identifier {
		return "", false
	}
	return identifier(last.First()), true
}
