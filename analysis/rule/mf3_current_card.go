package rule

import (
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// cardUse checks current.card where the given steps run it.
func (c *checker) cardUse(u currentUse, m *flow.Method, steps []*flow.Step) {
	if !slices.ContainsFunc(steps, func(s *flow.Step) bool { return len(cards(s)) > 0 }) {
		var fixes []Fix
		if len(steps) == 1 {
			fixes = c.addCard(steps[0])
		}
		c.current(currentWithoutCard, u, steps, "the step has no `@card`; add it, or always run the flow `--with card`", fixes...)
		return
	}
	if len(steps) != 1 || slices.ContainsFunc(cards(steps[0]), unsureCard) {
		return
	}
	if u.id.Known() {
		c.cardID(u, steps[0])
	} else if slices.Contains([]string{"append", "extend", "clear", "refresh"}, u.rest) {
		c.oneOfCards(u, steps[0])
	}
}

func cards(s *flow.Step) []*flow.Decorator {
	var list []*flow.Decorator
	for _, d := range s.Decorators {
		if d.Name == "card" {
			list = append(list, d)
		}
	}
	return list
}

// unsureCard: its arguments are more than literals, or its type may be one
// that takes no components.
func unsureCard(d *flow.Decorator) bool {
	return slices.ContainsFunc(d.Args, func(a flow.DecoratorArg) bool {
		switch a.Name {
		case "id", "customize", "*", "**", "":
			return a.Value.Kind != flow.String && a.Value.Kind != flow.Bool && a.Value.Kind != flow.None
		case "type":
			return a.Value.Kind != flow.String || a.Value.Text != "default" && a.Value.Text != "blank"
		}
		return false
	})
}

func cardArgument(d *flow.Decorator, name string) string {
	for _, a := range d.Args {
		if a.Name == name && a.Value.Kind != flow.None {
			return a.Value.Text
		}
	}
	return ""
}

// cardID: an id that no card has gives a list that nothing shows.
func (c *checker) cardID(u currentUse, s *flow.Step) {
	if u.id.Kind != flow.String {
		return
	}
	var ids []string
	for _, d := range cards(s) {
		if id := cardArgument(d, "id"); id != "" {
			ids = append(ids, id)
		}
	}
	if slices.Contains(ids, u.id.Text) {
		return
	}
	d := Diagnostic{Rule: unknownCard, Span: u.id.Span, Step: s.Name,
		Message: "No `@card` of `" + s.Name + "` has the id `" + u.id.Text + "`: what is appended goes nowhere. Give a card that id."}
	if len(ids) == 1 {
		d.Message = "No `@card` of `" + s.Name + "` has the id `" + u.id.Text + "`: what is appended goes nowhere. Did you mean `" + ids[0] + "`?"
		d.Fixes = []Fix{{Title: "Change to " + ids[0], Edits: []text.Edit{{Span: u.id.Span, New: pythonString(ids[0])}}, Preferred: true}}
	}
	c.report(d)
}

// oneOfCards: with several cards that all have an id, none is the one that
// current.card means.
func (c *checker) oneOfCards(u currentUse, s *flow.Step) {
	list := cards(s)
	if len(list) < 2 || slices.ContainsFunc(list, func(d *flow.Decorator) bool {
		return cardArgument(d, "id") == "" || cardArgument(d, "customize") == "True"
	}) {
		return
	}
	c.report(Diagnostic{Rule: ambiguousCard, Span: u.span, Step: s.Name,
		Message: "`" + s.Name + "` has several cards, so `current.card." + u.rest + "` does nothing: say which, as in `current.card[\"" + cardArgument(list[0], "id") + "\"]`."})
}

// addCard puts @card above the decorators of a step.
func (c *checker) addCard(s *flow.Step) []Fix {
	name, edits := c.metaflowName("card", s.Span.Start)
	src := c.file.Text
	line := src.LineSpan(src.Line(s.Span.Start))
	indent := src.Slice(text.Span{Start: line.Start, End: s.Span.Start})
	if name == "" || strings.TrimLeft(indent, " \t") != "" {
		return nil
	}
	at := text.Span{Start: s.Span.Start, End: s.Span.Start}
	return []Fix{{Title: "Add @card", Edits: append(edits, text.Edit{Span: at, New: "@" + name + src.LineEnding() + indent}), Preferred: true}}
}
