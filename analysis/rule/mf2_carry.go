package rule

import (
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// carryFixes bring an artifact through the join that has lost it.
func (c *checker) carryFixes(u use, join *artifact.Step) []Fix {
	name, s := u.read.Name, join.Node.Step
	code := s.Method.Code()
	if s.Broken || s.Span.Foreign() || len(s.Args) < 2 || code.Self == "" || code.Inputs == "" {
		return nil
	}
	var fixes []Fix
	if c.mergeable(u.step, join) {
		if fix, ok := c.mergeFix(join); ok {
			fixes = append(fixes, fix)
		}
	}
	from := c.source(join, name, code.Inputs)
	at, indent, ok := c.bodyStart(s)
	if from == "" || !ok {
		return fixes
	}
	return append(fixes, Fix{
		Title: "Carry " + name + " over from " + from, Preferred: len(fixes) == 0,
		Edits: []text.Edit{{Span: text.Span{Start: at, End: at}, New: code.Self + "." + name + " = " + from + "." + name + c.file.Text.LineEnding() + indent}},
	})
}

// mergeable reports whether a join can bring all through that its branches have, for a later step.
func (c *checker) mergeable(reader, join *artifact.Step) bool {
	if reader == join || len(join.Merges) > 0 {
		return false
	}
	_, ok := c.mergeFix(join)
	return ok && !c.conflicting(join)
}

// mergeFix merges at the end: what the join sets itself goes before.
func (c *checker) mergeFix(join *artifact.Step) (Fix, bool) {
	s := join.Node.Step
	code := s.Method.Code()
	if s.Broken || s.Span.Foreign() || len(s.Args) < 2 || code.Self == "" || code.Inputs == "" || s.Next == nil {
		return Fix{}, false
	}
	at, indent, ok := c.lineStart(s.Next.StatementSpan.Start)
	return Fix{
		Title: "Merge the branches in " + s.Name, Preferred: true,
		Edits: []text.Edit{{Span: text.Span{Start: at, End: at}, New: code.Self + ".merge_artifacts(" + code.Inputs + ")" + c.file.Text.LineEnding() + indent}},
	}, ok
}

// source is the element of inputs that has an artifact for sure: the only
// branch that has it, or any if all have it. "" if that is not clear.
func (c *checker) source(join *artifact.Step, name, inputs string) string {
	var having []*artifact.Step
	branches := join.Branches()
	for _, branch := range branches {
		for _, from := range branch {
			if from.Exit(name) == artifact.Never {
				continue
			}
			if len(branch) > 1 {
				return "" // a switch decides which of them there is
			}
			having = append(having, from)
		}
	}
	switch {
	case len(having) == 1 && len(branches) > 1:
		return inputs + "." + having[0].Node.Step.Name
	case len(having) == len(branches) && len(having) > 0:
		return inputs + "[0]"
	}
	return ""
}

// lineStart is an offset that starts a statement, if only space stands before
// it on its line.
func (c *checker) lineStart(at int) (start int, indent string, ok bool) {
	if at >= text.Foreign {
		return 0, "", false
	}
	src := c.file.Text
	indent = c.code(text.Span{Start: src.LineSpan(src.Line(at)).Start, End: at})
	return at, indent, strings.TrimLeft(indent, " \t\f") == "" && indent != ""
}

// bodyStart is where the first statement of a step stands, behind its docstring.
func (c *checker) bodyStart(s *flow.Step) (at int, indent string, ok bool) {
	at = s.BodySpan.Start
	if s.Doc != "" {
		statements := c.code(text.Span{Start: at, End: s.BodySpan.End})
		end := docstringEnd(statements)
		if end == 0 {
			return 0, "", false
		}
		at += end
	}
	return c.lineStart(at)
}

// docstringEnd is where the next statement starts behind the string that code
// starts with, 0 if that cannot be told by the text alone.
func docstringEnd(code string) int {
	start := strings.IndexAny(code, `"'`)
	if start < 0 || start > 2 {
		return 0
	}
	quote := code[start : start+1]
	if strings.HasPrefix(code[start:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	rest := code[start+len(quote):]
	end := strings.Index(rest, quote)
	if end < 0 || strings.Contains(rest[:end], `\`) {
		return 0
	}
	at := start + len(quote) + end + len(quote)
	for at < len(code) {
		line := code[at:]
		switch trimmed := strings.TrimLeft(line, " \t\r\n\f"); {
		case !strings.ContainsAny(line[:len(line)-len(trimmed)], "\r\n"):
			return 0 // more on the same line
		case strings.HasPrefix(trimmed, "#"):
			next := strings.IndexAny(trimmed, "\r\n")
			if next < 0 {
				return 0
			}
			at += len(line) - len(trimmed) + next
		default:
			return at + len(line) - len(trimmed)
		}
	}
	return 0
}

// conflicting reports whether merging all that a join may merge could fail.
func (c *checker) conflicting(join *artifact.Step) bool {
	if join.Node.Type != graph.Join {
		return false
	}
	known, asked := c.conflictingJoins[join]
	if !asked {
		known = len(c.conflicts(join, &artifact.Merge{}, true)) > 0
		if c.conflictingJoins == nil {
			c.conflictingJoins = map[*artifact.Step]bool{}
		}
		c.conflictingJoins[join] = known
	}
	return known
}
