package ignore

import (
	"cmp"
	"sort"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/internal/near"
)

// unused reports the directives, and the codes in them, that silence nothing.
// Only what the rules could look for counts: in a file that is not valid Python,
// or in a flow of which a part is unknown, silence proves nothing.
func (c *comments) unused(in Input) []rule.Diagnostic {
	if len(in.File.Flows) == 0 {
		return nil // nothing is looked for in such a file
	}
	k := newKnowledge(in)
	var found []rule.Diagnostic
	for _, d := range c.all {
		if d.waived() {
			continue
		}
		f := k.flow(d.note.Span.Start)
		for _, u := range d.useless(c.removal(d), func(s rule.Selector) bool { return k.sure(d, f, s) }) {
			if f != nil {
				u.Flow = f.Name
			}
			found = append(found, u)
		}
	}
	if len(found) > 0 && c.file.silences(rule.UnusedIgnore) {
		return nil
	}
	return found
}

// waived: the list names unused-ignore itself, or a file is to be left alone.
func (d *directive) waived() bool {
	if d.file && d.all && d.wrong == "" {
		return true
	}
	for _, c := range d.codes {
		if c.known && c.selector.Within(rule.UnusedIgnore.Code) {
			return true
		}
	}
	return false
}

// useless gives the findings about a directive. Taking removal away removes it.
func (d *directive) useless(removal text.Span, sure func(rule.Selector) bool) []rule.Diagnostic {
	remove := func(at text.Span, message, title string, span text.Span) rule.Diagnostic {
		return rule.Diagnostic{
			Rule: rule.UnusedIgnore, Span: at, Message: message,
			Fixes: []rule.Fix{{Title: title, Edits: []text.Edit{{Span: span}}, Preferred: true}},
		}
	}
	whole := func(at text.Span, message string) rule.Diagnostic {
		return remove(at, message, "Remove the comment", removal)
	}
	switch {
	case d.wrong != "":
		return []rule.Diagnostic{whole(d.span, d.wrong)}
	case d.all && !d.used && sure(rule.Selector{}):
		return []rule.Diagnostic{whole(d.span, "There is nothing to ignore here. Remove the comment.")}
	case d.all:
		return nil
	case len(d.codes) == 0:
		return []rule.Diagnostic{whole(d.span, "The list is empty, so nothing is ignored. Remove the comment.")}
	}
	dead := make([]string, len(d.codes)) // by code: what is wrong with it
	seen := map[rule.Selector]bool{}
	needed, known := -1, true
	for i, c := range d.codes {
		switch {
		case !c.known:
			dead[i] = "No rule has the code or name `" + near.Short(c.written) + "`" + cmp.Or(near.DidYouMean(c.written, rule.Names()), ".")
			known = false
		case seen[c.selector]:
			dead[i] = "`" + c.written + "` is in the list already. Remove it."
		case !c.used && sure(c.selector):
			dead[i] = "There is no `" + c.written + "` here to ignore. Remove it."
		case needed < 0:
			needed = i
		}
		seen[c.selector] = c.known
	}
	if needed < 0 && known {
		message := "There is nothing to ignore here. Remove the comment."
		if len(d.codes) == 1 {
			message = "There is no `" + d.codes[0].written + "` here to ignore. Remove the comment."
		}
		return []rule.Diagnostic{whole(d.span, message)}
	}
	var found []rule.Diagnostic
	for i, c := range d.codes {
		switch {
		case dead[i] == "":
		case needed < 0:
			found = append(found, whole(c.Span, dead[i]))
		default:
			// The comma goes that is on the far side of what stays, so that the
			// fixes of one list do not overlap.
			span := c.Span
			if i < needed {
				span.End = d.codes[i+1].Start
			} else {
				span.Start = d.codes[i-1].End
			}
			found = append(found, remove(c.Span, dead[i], "Remove "+near.Short(c.written), span))
		}
	}
	return found
}

// removal is what to take away for a directive to be gone: with its line, if
// nothing else stands there, or with the blanks before it.
func (c *comments) removal(d *directive) text.Span {
	s, t := d.part, c.text
	if s.End < d.note.Span.End {
		return s // the comment behind it takes its place
	}
	line := t.LineSpan(t.Line(s.Start))
	before := t.Slice(text.Span{Start: line.Start, End: s.Start})
	code := strings.TrimRight(before, blanks)
	if code != "" || !d.note.Alone {
		return text.Span{Start: line.Start + len(code), End: s.End}
	}
	if n := t.Line(s.Start) + 1; n < t.LineCount() {
		line.End = t.LineSpan(n).Start
	}
	return line
}

// knowledge is what of a file the rules could not judge.
type knowledge struct {
	text  *text.Text
	valid bool
	flows []*flow.Flow
	// wrong holds by flow where its graph is wrong: first and last finding.
	wrong map[string]text.Span
	// spoken are the rules that found something, by flow.
	spoken map[string]map[*rule.Rule]bool
}

func newKnowledge(in Input) *knowledge {
	k := &knowledge{text: in.File.Text, valid: in.Valid, flows: in.File.Flows, wrong: map[string]text.Span{}, spoken: map[string]map[*rule.Rule]bool{}}
	for _, d := range in.Found { // silenced or not
		if k.spoken[d.Flow] == nil {
			k.spoken[d.Flow] = map[*rule.Rule]bool{}
		}
		k.spoken[d.Flow][d.Rule] = true
		if !hides(d.Rule) {
			continue
		}
		s, ok := k.wrong[d.Flow]
		if !ok {
			s.Start = d.Span.Start
		}
		s.End = d.Span.Start // findings come in order
		k.wrong[d.Flow] = s
	}
	return k
}

// hides reports whether other rules are silent while this one finds something:
// those on the step graph do that to the rules that need it, apart from those
// that look at the name or the arguments of one step.
func hides(r *rule.Rule) bool {
	switch r.Code {
	case "MF101", "MF106", "MF117", "MF118", "MF119":
		return false
	}
	return r.Severity == rule.Error && r.Code >= "MF100" && r.Code < "MF130"
}

// flow is the one that an offset lies in, nil if none.
func (k *knowledge) flow(offset int) *flow.Flow {
	i := sort.Search(len(k.flows), func(i int) bool { return offset < k.flows[i].Span.Start })
	if i > 0 && offset <= k.flows[i-1].Span.End {
		return k.flows[i-1]
	}
	return nil
}

// sure reports whether the rules that a selector names would have spoken, had
// they anything to say where the directive stands.
func (k *knowledge) sure(d *directive, f *flow.Flow, s rule.Selector) bool {
	if r := s.Rule(); !k.valid || r != nil && r.FromCluster { // which is compared only when the user asks
		return false
	}
	flows := k.flows
	if f != nil && !d.file {
		flows = []*flow.Flow{f}
	}
	from, to := k.text.Line(d.note.Span.Start), k.text.Line(d.note.Span.Start)
	if st := d.note.Statement; st.Len() > 0 {
		from, to = min(from, k.text.Line(st.Start)), max(to, k.text.Line(st.End))
	}
	for _, f := range flows {
		if f.Open || f.Abstract || f.Broken {
			return false
		}
		if w, ok := k.wrong[f.Name]; ok && !k.spoken[f.Name][s.Rule()] && (k.text.Line(w.Start) < from || k.text.Line(w.End) > to) {
			return false
		}
	}
	return true
}
