package server

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"flowls/analysis"
	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/text"

	"go.lsp.dev/protocol"
)

// members completes behind a dot: what self has on this line, the branches that
// inputs has, and the artifacts of each.
func (c *completer) members() {
	if !c.worthSupposing() {
		return
	}
	facts, m := c.supposed()
	if m == nil {
		return
	}
	code := m.Code()
	var step *artifact.Step
	if m.Step {
		step = facts.Step(m.Name)
	}
	switch {
	case c.base != "" && c.base == code.Self:
		c.ofSelf(facts, step)
	case step == nil:
	case c.base != "" && c.base == code.Inputs:
		c.branches(step)
	default:
		for _, in := range step.Inputs {
			if contains(in.Span, c.offset) {
				c.ofBranch(facts, step, in)
				return
			}
		}
	}
}

// worthSupposing: the name before the dot may be self or something of inputs.
func (c *completer) worthSupposing() bool {
	i := c.view.flowAt(c.offset)
	if i < 0 {
		return false
	}
	return c.base == "self" || slices.ContainsFunc(ownSteps(c.view.File.Flows[i]), func(s *flow.Step) bool {
		return len(s.Args) > 1 || len(s.Args) == 1 && s.Args[0].Name == c.base
	})
}

// supposed is the file as it would be with the member written out, and the
// method around it. Half-typed code says nothing of what the step does; with a
// name behind the dot, and the brackets closed, it mostly does.
func (c *completer) supposed() (facts *artifact.Facts, m *flow.Method) {
	for _, rest := range c.endings() {
		doc := c.view.Suppose([]text.Edit{{Span: text.Span{Start: c.offset, End: c.offset}, New: rest}})
		facts, m = methodAt(doc, c.offset)
		if m != nil && (!m.Step || facts.Step(m.Name) != nil && !facts.Step(m.Name).Node.Step.Broken) {
			break
		}
	}
	return facts, m
}

// endings are the texts that may make a statement of what stands before the cursor.
func (c *completer) endings() []string {
	source := c.view.doc.Text.Bytes()
	word := "_" // behind a keyword, too, it makes a name
	if c.offset < len(source) && isWord(source[c.offset:]) {
		word = ""
	}
	list := []string{word}
	line, _, _ := bytes.Cut(source[c.offset:], []byte("\n"))
	if behind := strings.TrimSpace(string(line)); behind != "" && behind[0] != '#' {
		return list
	}
	for _, b := range slices.Backward(c.calls) {
		word += map[byte]string{'(': ")", '[': "]", '{': "}"}[b.kind]
	}
	if len(c.calls) > 0 {
		list = append(list, word)
	}
	before := source[:c.offset]
	first, _, _ := strings.Cut(strings.TrimSpace(string(before[bytes.LastIndexAny(before, "\r\n")+1:])), " ")
	switch first {
	case "if", "elif", "while", "for", "with", "async":
		list = append(list, word+": pass")
	}
	return list
}

// methodAt is the method around an offset, that of a step or another one.
func methodAt(doc *analysis.Document, offset int) (*artifact.Facts, *flow.Method) {
	for i, f := range doc.File.Flows {
		if !contains(f.Span, offset) {
			continue
		}
		var at *flow.Method
		for _, list := range f.Methods {
			for _, m := range list {
				if f.Owns(m.NameSpan) && m.NameSpan.Start <= offset && (at == nil || m.NameSpan.Start > at.NameSpan.Start) {
					at = m
				}
			}
		}
		return doc.Artifacts(i), at
	}
	return nil, nil
}

// ofSelf offers the artifacts that reach the cursor, sure ones first, then
// parameters, values of the class and methods. Step is nil in other methods.
func (c *completer) ofSelf(facts *artifact.Facts, step *artifact.Step) {
	f := facts.Flow
	for _, r := range reaching(facts, step, c.offset) {
		c.artifact(facts, r)
	}
	for _, p := range f.Parameters {
		c.member(300, p.Attr, p.Kind, protocol.CompletionItemKindProperty)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Attributes)) {
		method, value := artifact.Definition(f, name)
		if method == nil && value != nil && !artifact.Reserved(name) && !isParameter(f, name) {
			c.member(400, name, "value of the class", protocol.CompletionItemKindConstant)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Methods)) {
		method, _ := artifact.Definition(f, name)
		switch {
		case method == nil || method.Step || artifact.Reserved(name) || f.Owns(method.NameSpan) && contains(method.NameSpan, c.offset):
		case method.Property:
			c.member(400, name, "property", protocol.CompletionItemKindProperty)
		default:
			c.member(500, name, "method", protocol.CompletionItemKindMethod)
		}
	}
}

func isParameter(f *flow.Flow, name string) bool {
	return slices.ContainsFunc(f.Parameters, func(p *flow.Parameter) bool { return p.Attr == name })
}

// reaching lists what may exist at an offset. Where the ways to the step are
// not known yet, as while it is being written, that is what the steps before
// it set, and if nothing leads to it, what any step sets.
func reaching(facts *artifact.Facts, step *artifact.Step, offset int) []artifact.Reaching {
	var list []artifact.Reaching
	listed := map[string]bool{}
	add := func(r artifact.Reaching) {
		elsewhere := func(s *artifact.Site) bool { return !contains(s.Span, offset) }
		if !listed[r.Name] && slices.ContainsFunc(facts.Sites(r.Name), elsewhere) {
			listed[r.Name] = true
			list = append(list, r)
		}
	}
	if step != nil {
		for _, r := range step.Reaching(offset) {
			add(r)
		}
		if !step.UnknownEntry() {
			return list
		}
	}
	before := facts.Steps
	if step != nil && (len(step.Node.In) > 0 || step.Node == facts.Graph.Start) {
		before = leadingTo(step)
	}
	for _, s := range before {
		if s == step {
			continue
		}
		for _, site := range s.Sites {
			add(artifact.Reaching{Name: site.Name, Presence: artifact.Unknown})
		}
	}
	return list
}

// leadingTo are the steps whose artifacts a step may get: those before it, up
// to a join that takes nothing along.
func leadingTo(step *artifact.Step) []*artifact.Step {
	seen := map[*artifact.Step]bool{step: true}
	var list []*artifact.Step
	for next := []*artifact.Step{step}; len(next) > 0; {
		s := next[0]
		next = next[1:]
		if len(s.Node.Step.Args) > 1 && len(s.Merges) == 0 {
			continue
		}
		for _, from := range s.From() {
			if from != nil && !seen[from] {
				seen[from] = true
				list, next = append(list, from), append(next, from)
			}
		}
	}
	return list
}

// branches offers the steps that a join comes from.
func (c *completer) branches(join *artifact.Step) {
	if len(join.From()) < 2 {
		return // the items of a foreach have no names
	}
	for _, from := range join.From() {
		if from != nil {
			c.member(100, from.Node.Step.Name, "branch", protocol.CompletionItemKindMethod)
		}
	}
}

// ofBranch offers what a finished task of the branch has, or of any branch.
func (c *completer) ofBranch(facts *artifact.Facts, join *artifact.Step, in *artifact.Input) {
	from := slices.DeleteFunc(join.From(), func(s *artifact.Step) bool {
		return s == nil || in.Branch != "" && s.Node.Step.Name != in.Branch
	})
	if len(from) == 0 {
		return
	}
	for _, name := range facts.Names() {
		least, most := artifact.Surely, artifact.Never
		for _, s := range from {
			least, most = min(least, s.Exit(name)), max(most, s.Exit(name))
		}
		switch {
		case most == artifact.Never || len(facts.Sites(name)) == 0:
		case least == artifact.Never:
			c.artifact(facts, artifact.Reaching{Name: name, Presence: artifact.Maybe}) // in some branches
		default:
			c.artifact(facts, artifact.Reaching{Name: name, Presence: least})
		}
	}
	for _, p := range facts.Flow.Parameters {
		c.member(300, p.Attr, p.Kind, protocol.CompletionItemKindProperty)
	}
}

func (c *completer) artifact(facts *artifact.Facts, r artifact.Reaching) {
	detail, rank := "artifact", 200
	switch r.Presence {
	case artifact.Surely:
		rank = 100
	case artifact.Unknown:
		rank = 150
	case artifact.Maybe, artifact.Related:
		detail = "artifact, maybe unset"
	}
	if setters := setters(facts.Sites(r.Name)); len(setters) > 0 {
		detail += " · set in " + strings.Join(setters, ", ")
	}
	c.member(rank, r.Name, detail, protocol.CompletionItemKindField)
}

// setters are the methods that set an artifact, the first few.
func setters(sites []*artifact.Site) []string {
	const most = 3
	var names []string
	for _, s := range sites {
		if !slices.Contains(names, s.Method.Name) {
			names = append(names, s.Method.Name)
		}
	}
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return names
}

func (c *completer) member(rank int, name, detail string, kind protocol.CompletionItemKind) {
	c.add(rank, c.start, protocol.CompletionItem{Label: name, Kind: kind, Detail: protocol.NewOptional(detail)}, name)
}
