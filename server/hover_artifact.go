package server

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// explainMember explains what stands behind self or inputs: an artifact, a
// parameter or a value of the class.
func (v *view) explainMember(offset int) (string, text.Span, bool) {
	for i := range v.File.Flows {
		facts := v.Artifacts(i)
		if u := usesAt(facts, offset); u.name != "" {
			return v.explainArtifact(facts, u), u.span, true
		}
	}
	return v.explainClassValue(offset)
}

// uses are what the steps do with an artifact at one place: that of a helper
// may belong to several.
type uses struct {
	name   string
	span   text.Span
	set    bool
	steps  []*artifact.Step // parallel to reads
	reads  []*artifact.Read
	join   *artifact.Step
	branch *artifact.Input
}

func usesAt(facts *artifact.Facts, offset int) uses {
	var u uses
	at := func(name string, span text.Span) bool {
		if !contains(span, offset) || u.name != "" && (u.name != name || u.span != span) {
			return false
		}
		u.name, u.span = name, span
		return true
	}
	for _, s := range facts.Steps {
		for _, site := range s.Sites {
			u.set = at(site.Name, site.Span) || u.set
		}
		for _, r := range s.Reads {
			if at(r.Name, r.Span) {
				u.steps, u.reads = append(u.steps, s), append(u.reads, r)
			}
		}
		for _, in := range s.Inputs {
			if at(in.Name, in.Span) {
				u.join, u.branch = s, in
			}
		}
	}
	return u
}

func (v *view) explainArtifact(facts *artifact.Facts, u uses) string {
	var m markdown
	of := "self." + u.name
	if u.branch != nil {
		of = v.File.Slice(u.span)
	}
	m.paragraph("**artifact** %s", code(of))
	if said := u.presence(); said != "" {
		m.paragraph("%s", said)
	}
	if sites := v.places(facts.Sites(u.name)); len(sites) > 0 {
		m.paragraph("Set in %s", strings.Join(sites, ", "))
	}
	if u.set {
		if readers := readers(facts, u.name); len(readers) > 0 {
			m.paragraph("Read in %s", codes(readers))
		}
	}
	return m.String()
}

// presence says whether the artifact exists where it is read.
func (u uses) presence() string {
	var found []artifact.Presence
	lost := false
	for i, r := range u.reads {
		found = append(found, u.steps[i].At(r))
		lost = lost || u.steps[i].Lost(r)
	}
	if u.branch != nil {
		for _, from := range u.join.From() {
			if from != nil && (u.branch.Branch == "" || from.Node.Step.Name == u.branch.Branch) {
				found = append(found, from.Exit(u.branch.Name))
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	least, most := slices.Min(found), slices.Max(found)
	switch {
	case least == artifact.Surely:
		return "Surely set here."
	case most == artifact.Never && lost:
		return "Not set here: a join has left it behind."
	case most == artifact.Never:
		return "Not set here: nothing sets it before."
	case slices.Contains(found, artifact.Unknown):
		return ""
	}
	return "Maybe not set here: some ways lead past all places that set it."
}

// places are the first few places that set an artifact, as links.
func (v *view) places(sites []*artifact.Site) []string {
	const most = 5
	var list []string
	for i, s := range sites {
		if i == most {
			return append(list, fmt.Sprintf("and %d more", len(sites)-most))
		}
		list = append(list, code(s.Method.Name)+", "+v.link(s.Span))
	}
	return list
}

// link leads to the line of a span.
func (v *view) link(s text.Span) string {
	at := v.location(s)
	line := at.Range.Start.Line + 1
	target := strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "<", "%3C", ">", "%3E").Replace(string(at.URI))
	return fmt.Sprintf("[line %d](%s#L%d)", line, target, line)
}

func readers(facts *artifact.Facts, name string) []string {
	var names []string
	for _, s := range facts.Steps {
		reads := slices.ContainsFunc(s.Reads, func(r *artifact.Read) bool { return r.Name == name }) ||
			slices.ContainsFunc(s.Inputs, func(in *artifact.Input) bool { return in.Name == name })
		if reads {
			names = append(names, s.Node.Step.Name)
		}
	}
	return names
}

// explainClassValue explains self.x where x is a parameter or another value of
// the class body.
func (v *view) explainClassValue(offset int) (string, text.Span, bool) {
	facts, method := methodAt(v.Document, offset)
	if method == nil {
		return "", text.Span{}, false
	}
	source := v.doc.Text.Bytes()
	end := wordEnd(source, offset)
	c := cursorAt(source, end)
	if c.base == "" && c.partial == method.Code().Self && end < len(source) && source[end] == '.' { // on self
		end = wordEnd(source, end+1)
		c = cursorAt(source, end)
	}
	if c.inComment || c.inString || c.base == "" || c.base != method.Code().Self || offset < c.attribute {
		return "", text.Span{}, false
	}
	f, span := facts.Flow, text.Span{Start: c.attribute, End: end}
	var m markdown
	if i := slices.IndexFunc(f.Parameters, func(p *flow.Parameter) bool { return p.Attr == c.partial }); i >= 0 {
		p := f.Parameters[i]
		m.paragraph("**%s** %s", p.Kind, code("self."+p.Attr))
		m.python(sourceLine(v, p.Span))
		m.paragraph("Defined in %s, %s", code(p.Class), v.link(p.AttrSpan))
		return m.String(), span, true
	}
	if method, value := artifact.Definition(f, c.partial); method == nil && value != nil {
		m.paragraph("**value of the class** %s", code("self."+value.Name))
		m.python(sourceLine(v, value.Span))
		m.paragraph("Defined in %s, %s", code(value.Class), v.link(value.NameSpan))
		return m.String(), span, true
	}
	return "", text.Span{}, false
}

func wordEnd(source []byte, offset int) int {
	for offset < len(source) && isWord(source[offset:]) {
		_, n := utf8.DecodeRune(source[offset:])
		offset += n
	}
	return offset
}
