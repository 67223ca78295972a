package rule

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// suggestionLimit bounds how many unknown names of a flow get a suggestion:
// each is compared with every step.
const suggestionLimit = 50

// likely is the step that an unknown name in n's transition was meant to be:
// the most similar name, or else the only step that nothing leads to.
func (c *checker) likely(n *graph.Node, name string) string {
	key := [2]string{n.Step.Name, name}
	if found, known := c.suggested[key]; known {
		return found
	}
	if len(c.suggested) == suggestionLimit {
		return ""
	}
	if c.suggested == nil {
		c.suggested = map[[2]string]string{}
	}
	c.suggested[key] = c.suggest(n, name)
	return c.suggested[key]
}

func (c *checker) suggest(n *graph.Node, name string) string {
	wanted := []rune(strings.ToLower(name))
	best, bestCost := "", len(wanted)/3+2
	var m measure
	for _, candidate := range c.graph.Order {
		if candidate == n.Step.Name || c.graph.Nodes[candidate] == c.graph.Start {
			continue
		}
		if cost := m.distance(wanted, candidate, bestCost); cost < bestCost {
			best, bestCost = candidate, cost
		}
	}
	if best != "" {
		return best
	}
	return c.onlyUnused(n)
}

// onlyUnused is the only step that no transition names, apart from the start
// and n itself; "" if there are none or several.
func (c *checker) onlyUnused(n *graph.Node) string {
	unused := ""
	for m := range c.nodes() {
		if m == c.graph.Start || m == n || c.targeted()[m.Step.Name] {
			continue
		}
		if unused != "" {
			return ""
		}
		unused = m.Step.Name
	}
	return unused
}

// targeted holds every name that some transition names.
func (c *checker) targeted() map[string]bool {
	if c.targets == nil {
		c.targets = map[string]bool{}
		for n := range c.nodes() {
			for _, out := range n.Out {
				c.targets[out] = true
			}
		}
	}
	return c.targets
}

// measure holds what comparing a name with many others can use again.
type measure struct {
	rows [3][]int
	y    []rune
}

// distance is the optimal string alignment distance of a name in lower case
// and another in any, or limit if it is not below.
func (m *measure) distance(x []rune, name string, limit int) int {
	m.y = m.y[:0]
	for _, r := range name {
		m.y = append(m.y, unicode.ToLower(r))
	}
	y := m.y
	if max(len(x)-len(y), len(y)-len(x)) >= limit {
		return limit
	}
	for i := range m.rows {
		m.rows[i] = slices.Grow(m.rows[i][:0], len(y)+1)[:len(y)+1]
	}
	older, old, now := m.rows[0], m.rows[1], m.rows[2]
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			now[j] = min(old[j]+1, now[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], older[j-2]+1)
			}
		}
		older, old, now = old, now, older
	}
	return old[len(y)]
}

func (c *checker) unknownStepFixes(n *graph.Node, t flow.Target) []Fix {
	if m := c.undecorated(t.Name); m != nil {
		return []Fix{c.decorateStep(n, m)}
	}
	if n = c.lastOwn(n); n == nil {
		return nil
	}
	var fixes []Fix
	if likely := c.likely(n, t.Name); likely != "" {
		fixes = append(fixes, Fix{
			Title:     fmt.Sprintf("Did you mean self.%s?", likely),
			Edits:     []text.Edit{{Span: t.Span, New: likely}},
			Preferred: true,
		})
	}
	if validName(t.Name) && len(c.flow.Methods[t.Name])+len(c.flow.Attributes[t.Name]) == 0 {
		fixes = append(fixes, c.createStep(n, t))
	}
	return fixes
}

// lastOwn is n, or, if that is in another file, the last step of the class
// itself, behind which another may stand; nil if it has none.
func (c *checker) lastOwn(n *graph.Node) *graph.Node {
	if n.Step.File == "" {
		return n
	}
	var last *graph.Node
	for m := range c.nodes() {
		if c.own(m.Step) && (last == nil || m.Step.Span.Start > last.Step.Span.Start) {
			last = m
		}
	}
	return last
}

// createStep adds a step of that name behind n, leading on to the end.
func (c *checker) createStep(n *graph.Node, t flow.Target) Fix {
	body := "pass"
	if c.graph.End != nil && c.graph.End != c.graph.Start {
		body = "self.next(self." + c.graph.End.Step.Name + ")"
	}
	return Fix{Title: fmt.Sprintf("Create step %s", t.Name), Edits: c.newStep(n, t.Name, "self", body)}
}

// newStep writes a step behind n.
func (c *checker) newStep(n *graph.Node, name, arguments, body string) []text.Edit {
	src, nl := c.file.Text, c.file.Text.LineEnding()
	indent := src.Slice(text.Span{Start: src.LineSpan(src.Line(n.Step.Span.Start)).Start, End: n.Step.Span.Start})
	if strings.TrimLeft(indent, " \t") != "" {
		indent = "    "
	}
	inner := indent + strings.Repeat(" ", max(1, min(len(indent), 4)))
	if strings.Contains(indent, "\t") {
		inner = indent + "\t"
	}
	at := src.LineSpan(src.Line(n.Step.Span.End)).End
	lines := []string{"", "", indent + c.stepDecorator(n), indent + "def " + name + "(" + arguments + "):", inner + body}
	return insert(at, strings.Join(lines, nl))
}

// stepDecorator is @step as the file writes it.
func (c *checker) stepDecorator(n *graph.Node) string {
	written, _, _ := strings.Cut(c.file.Slice(n.Step.StepSpan), "(")
	return strings.TrimSpace(written)
}

// appendNext ends a step with a transition to the only step that it can mean.
func (c *checker) appendNext(n *graph.Node) []Fix {
	to := c.onlyUnused(n)
	src := c.file.Text
	last := src.LineSpan(src.Line(n.Step.Span.End))
	first := src.LineSpan(src.Line(n.Step.BodySpan.Start))
	indent := src.Slice(text.Span{Start: first.Start, End: n.Step.BodySpan.Start})
	if to == "" || n.Step.BodySpan.Len() == 0 || strings.TrimLeft(indent, " \t") != "" {
		return nil
	}
	return []Fix{{
		Title:     fmt.Sprintf("Add self.next(self.%s)", to),
		Edits:     []text.Edit{{Span: text.Span{Start: last.End, End: last.End}, New: src.LineEnding() + indent + "self.next(self." + to + ")"}},
		Preferred: true,
	}}
}

// addSelf gives a step its first argument.
func (c *checker) addSelf(n *graph.Node) []Fix {
	header := c.file.Slice(text.Span{Start: n.Step.NameSpan.End, End: n.Step.DefSpan.End})
	open := strings.IndexByte(header, '(')
	if open < 0 {
		return nil
	}
	at := n.Step.NameSpan.End + open + 1
	self := "self, "
	switch rest := strings.TrimSpace(header[open+1:]); {
	case strings.HasPrefix(rest, ")"):
		self = "self"
	case strings.Contains(rest, "self"), strings.Contains(rest, "/"):
		return nil // as in (*self) and (self, /)
	}
	return []Fix{{Title: "Add self", Edits: []text.Edit{{Span: text.Span{Start: at, End: at}, New: self}}, Preferred: true}}
}

// removeStatement takes the transition of a step away, with its line if it
// stands alone there; a body of nothing else keeps a pass.
func (c *checker) removeStatement(n *graph.Node) Fix {
	s, src := n.Step, c.file.Text
	span := s.Next.StatementSpan
	edit := text.Edit{Span: span, New: "pass"}
	before := text.Span{Start: src.LineSpan(src.Line(span.Start)).Start, End: span.Start}
	after := text.Span{Start: span.End, End: src.LineSpan(src.Line(span.End)).End}
	if s.BodySpan.Start < before.Start && strings.TrimSpace(src.Slice(before)) == "" && strings.TrimSpace(src.Slice(after)) == "" {
		// The body has other statements: the whole line goes, from the end of the line before.
		edit = text.Edit{Span: text.Span{Start: src.LineSpan(src.Line(before.Start) - 1).End, End: after.End}}
	}
	return Fix{Title: "Remove self.next(...)", Edits: []text.Edit{edit}, Preferred: true}
}
