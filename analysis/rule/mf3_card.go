package rule

import (
	"fmt"
	"regexp"
	"slices"
	"sync"

	"flowls/analysis/flow"
)

// cardTypes are Metaflow's own; extensions bring others.
var cardTypes = []string{"default", "blank", "error", "taskspec_card", "default_json"}

// editable are the types whose cards a step can write to.
var editable = []string{"default", "blank"}

var cardID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_]+\n?$`) })

// cardChecks looks at the cards of a step together.
func (c *checker) cardChecks(list []applied) {
	first := map[string]applied{}
	var unnamed []applied
	customized := false
	for _, a := range list {
		if !a.is("card") {
			continue
		}
		if !a.whole() {
			return
		}
		kind := c.cardType(a)
		if custom, ok := a.arg("customize"); ok {
			is, known := truth(custom.Value)
			customized = customized || is || !known
		}
		id, given := a.arg("id")
		switch {
		case !given || id.Value.Kind == flow.None:
			if slices.Contains(editable, kind) {
				unnamed = append(unnamed, a)
			}
		case id.Value.Kind != flow.String:
		case !cardID().MatchString(id.Value.Text):
			c.at(unusableCardID, a, id.ValueSpan, fmt.Sprintf("`current.card[%q]` will not find this card; use letters, digits and underscores for `id`.", id.Value.Text), cardIDFix(id)...)
		case slices.Contains(editable, kind):
			if other, twice := first[id.Value.Text]; twice {
				c.reportOnce(Diagnostic{
					Rule: unusableCardID, Span: id.ValueSpan, Step: a.step.Name, Related: []Related{{other.Span, "the other card"}},
					Message: fmt.Sprintf("Two cards of the step have the id `%s`, so `current.card[%q]` finds neither; choose another.", id.Value.Text, id.Value.Text),
				})
			} else {
				first[id.Value.Text] = a
			}
		}
	}
	if len(unnamed) > 1 && !customized {
		for _, a := range unnamed[1:] {
			c.at(cardsWithoutID, a, a.Span, "Several cards of this step have no `id`, so `current.card.append` writes to none of them; give each an `id`.")
		}
	}
}

// cardType is the type of a card, "" if it is not known.
func (c *checker) cardType(a applied) string {
	arg, given := a.arg("type")
	if !given {
		return "default"
	}
	if arg.Value.Kind != flow.String {
		return ""
	}
	name := arg.Value.Text
	if slices.Contains(cardTypes, name) {
		return name
	}
	message := fmt.Sprintf("Metaflow itself has no card type `%s`; without an extension that brings it the card shows an error", clip(name))
	if near := nearest(name, cardTypes); near != "" {
		c.at(unknownCardType, a, arg.ValueSpan, message+fmt.Sprintf(". Did you mean `%s`?", near), replace(arg.ValueSpan, `"`+near+`"`, "Change to "+near))
		return ""
	}
	c.at(unknownCardType, a, arg.ValueSpan, message+".")
	return ""
}

func cardIDFix(id flow.DecoratorArg) []Fix {
	fixed := []byte(id.Value.Text)
	for i, b := range fixed {
		if !cardID().Match([]byte{b}) || b == '\n' {
			fixed[i] = '_'
		}
	}
	if len(fixed) == 0 {
		return nil
	}
	return []Fix{replace(id.ValueSpan, `"`+string(fixed)+`"`, "Change to "+string(fixed))}
}
