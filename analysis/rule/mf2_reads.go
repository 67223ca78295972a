package rule

import (
	"cmp"
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

var (
	neverSet     = &Rule{Code: "MF201", Name: "artifact-never-set", Severity: Error, Summary: "An artifact is read that nothing has set before."}
	lostAtJoin   = &Rule{Code: "MF202", Name: "lost-at-join", Severity: Error, Summary: "An artifact is read that a join has left behind in its branches."}
	maybeUnset   = &Rule{Code: "MF205", Name: "artifact-maybe-unset", Severity: Warning, Summary: "An artifact is read on every path, but set only on some."}
	functionLost = &Rule{Code: "MF211", Name: "function-not-stored", Severity: Error, Summary: "A function is read from self in a later step: Metaflow stores no functions."}

	foreachUnset   = &Rule{Code: "MF501", Name: "foreach-never-set", Severity: Error, Summary: "A foreach names an artifact that nothing has set before."}
	conditionUnset = &Rule{Code: "MF502", Name: "condition-never-set", Severity: Error, Summary: "A switch names a condition that nothing has set before."}

	readRules = []*Rule{neverSet, lostAtJoin, maybeUnset, functionLost}
)

// readPlace is one read in the text, and what was found where steps come to it.
type readPlace struct {
	read *artifact.Read
	uses []use
}

type use struct {
	step     *artifact.Step
	read     *artifact.Read
	presence artifact.Presence
}

// readChecks looks at every read once, whichever steps come to it: what is
// wrong for all of them is said at the read, what is wrong for some at the
// calls that lead there.
func (c *checker) readChecks() {
	places := map[text.Span]*readPlace{} // where some use finds nothing, or only sometimes
	var order []*readPlace
	for s, r := range c.allReads() {
		if at := s.At(r); (at == artifact.Never || at == artifact.Maybe) && places[r.Span] == nil {
			places[r.Span] = &readPlace{}
			order = append(order, places[r.Span])
		}
	}
	if len(places) == 0 {
		return
	}
	for s, r := range c.allReads() {
		if p := places[r.Span]; p != nil {
			p.uses = append(p.uses, use{s, r, s.At(r)})
			p.read = p.uses[0].read
		}
	}
	slices.SortFunc(order, func(a, b *readPlace) int { return cmp.Compare(a.read.Span.Start, b.read.Span.Start) })
	told := map[[2]string]bool{} // one finding for each name that a step misses
	for _, p := range order {
		c.judge(p, told)
	}
	c.reportLost()
}

// allReads yields the reads that need something, step by step.
func (c *checker) allReads() func(func(*artifact.Step, *artifact.Read) bool) {
	return func(yield func(*artifact.Step, *artifact.Read) bool) {
		for s := range c.reachableSteps() {
			for _, r := range s.Reads {
				if r.Guarded || s.Node.Type == graph.End && (r.Kind == artifact.Foreach || r.Kind == artifact.Condition) {
					continue
				}
				if !yield(s, r) {
					return
				}
			}
		}
	}
}

func (c *checker) judge(p *readPlace, told map[[2]string]bool) {
	for _, wrong := range []artifact.Presence{artifact.Never, artifact.Maybe} {
		var bad []use
		for _, u := range p.uses {
			if u.presence == wrong && c.counts(u) {
				bad = append(bad, u)
			}
		}
		switch {
		case len(bad) == 0:
		case len(bad) == len(p.uses):
			u := bad[max(0, slices.IndexFunc(bad, func(u use) bool { return !u.perhaps() }))]
			c.unset(u, u.read.Span, told)
		default:
			for _, u := range bad {
				if !u.read.Conditional && u.read.Via != (text.Span{}) {
					c.unset(u, u.read.Via, told)
				}
			}
		}
	}
}

// perhaps: the read may never run.
func (u use) perhaps() bool { return u.read.Conditional || u.read.Looped || u.read.Nested }

// counts reports whether a read that finds nothing is surely a mistake: code
// that may not run is one only if nothing could make it right.
func (c *checker) counts(u use) bool {
	r := u.read
	switch {
	case u.presence == artifact.Maybe:
		return !r.Conditional && !r.Looped && !r.Nested && r.Kind != artifact.Deleted
	case r.Nested || r.Conditional && r.Via != (text.Span{}):
		return len(c.artifacts.Sites(r.Name)) == 0
	}
	return true
}

// unset reports a read of what is not there, at a span.
func (c *checker) unset(u use, at text.Span, told map[[2]string]bool) {
	r, name := u.read, u.read.Name
	key := [2]string{u.step.Node.Step.Name, name}
	if told[key] && r.Kind != artifact.Foreach && r.Kind != artifact.Condition {
		return
	}
	told[key] = true
	d := Diagnostic{Span: at, Step: u.step.Node.Step.Name, Perhaps: u.perhaps()}
	var last text.Span
	if at == r.Span {
		d.Span, last = c.attributeSpan(at, name)
	}
	sites := c.artifacts.Sites(name)
	subject := "`self." + name + "` is read here"
	if at != r.Span {
		subject = "`" + r.Method.Name + "` reads `self." + name + "`"
		d.Related = append(d.Related, Related{Span: r.Span, Message: "`self." + name + "` is read here"})
	}
	switch r.Kind {
	case artifact.Foreach:
		subject = "The foreach runs over `self." + name + "`"
		last = text.Span{Start: r.Span.Start + 1, End: r.Span.End - 1}
	case artifact.Condition:
		subject = "The switch asks for `self." + name + "`"
		last = text.Span{Start: r.Span.Start + 1, End: r.Span.End - 1}
	case artifact.Deleted:
		subject = "`self." + name + "` is deleted here"
	}
	if u.presence == artifact.Maybe {
		c.maybe(d, u, subject)
		return
	}
	if functions := functionsOf(sites); len(functions) > 0 {
		d.Rule = functionLost
		d.Message = subject + ", but what `" + functions[0].Method.Name + "` sets it to is a function, and Metaflow stores no functions: make it a method, or set it in this step."
		d.Related = append(d.Related, c.setAt(functions, setIn)...)
		c.report(d)
		return
	}
	if r.Kind == artifact.Called && len(sites) == 0 && at == r.Span && r.Method == u.step.Node.Step.Method {
		if op := c.misspeltNext(u.step.Node.Step); op != nil && op.Name == name {
			return // said where the step lacks its transition
		}
	}
	if u.step.Lost(r) {
		if join := c.lostAt(u.step, name); join != nil {
			if c.misspeltMerge(join) {
				return
			}
			c.lost(d, u, subject, join)
			return
		}
	}
	if len(sites) == 0 && c.lostRead(u) {
		return
	}
	d.Rule = neverSet
	switch {
	case r.Kind == artifact.Foreach:
		d.Rule = foreachUnset
	case r.Kind == artifact.Condition:
		d.Rule = conditionUnset
	}
	if bare, dotted := strings.CutPrefix(name, r.Method.Code().Self+"."); dotted && d.Rule != neverSet {
		d.Message = "Metaflow takes the name of an artifact here, without `" + r.Method.Code().Self + ".`: write `" + bare + "`."
		if c.code(last) == name {
			d.Fixes = append(d.Fixes, replace(last, bare, "Change to "+bare))
		}
		c.report(d)
		return
	}
	if attr := c.optionOf(name); attr != "" && len(sites) == 0 {
		d.Message = subject + ", but `" + name + "` is the option of a parameter on the command line: its attribute is `self." + attr + "`."
		if last != (text.Span{}) && c.code(last) == name {
			d.Fixes = append(d.Fixes, Fix{Title: "Write " + attr, Edits: []text.Edit{{Span: last, New: attr}}, Preferred: true})
		}
		c.report(d)
		return
	}
	switch {
	case r.Kind == artifact.Called && len(sites) == 0:
		d.Message = "`self." + name + "()` is called here, but the flow has no method of that name, and no step before sets it"
	case len(sites) == 0:
		d.Message = subject + ", but nothing sets it"
	default:
		d.Message = subject + ", but nothing has set it by then"
		d.Related = append(d.Related, c.setAt(sites, setIn)...)
	}
	if close := c.nearArtifact(name, u); close != "" {
		d.Message += ": did you mean `" + close + "`?"
		if last != (text.Span{}) && c.code(last) == name {
			d.Fixes = append(d.Fixes, Fix{Title: "Did you mean " + close + "?", Edits: []text.Edit{{Span: last, New: close}}, Preferred: true})
		}
	} else {
		d.Message += ": set it in this step or in one before."
	}
	c.report(d)
}

// optionOf is the attribute of the only parameter whose option has that name, "" if there is none.
func (c *checker) optionOf(name string) string {
	attr := ""
	for _, p := range c.flow.Parameters {
		if p.Attr != name && strings.ReplaceAll(p.Name, "-", "_") == name {
			if attr != "" {
				return ""
			}
			attr = p.Attr
		}
	}
	return attr
}

// nearArtifact is what the author of a name may have meant. Only so many of a flow
// are asked about: each is compared with every artifact.
func (c *checker) nearArtifact(name string, u use) string {
	if c.nearestAsked++; c.nearestAsked > suggestionLimit {
		return ""
	}
	return nearArtifact(name, append(c.known(u.step), flowSpecNames(u)...))
}

// nearArtifact is the name that another was most likely meant to be: one letter
// in three may differ, and of two letters none. A name that only a string can have,
// as that of @catch(var="my failure"), cannot be read.
func nearArtifact(name string, names []string) string {
	limit := max(1, len(name)/3) + 1
	if len(name) < 3 {
		limit = 1
	}
	return nearestWithin(name, slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name || !isIdentifier(n) || keywords[n] }), limit)
}

func functionsOf(sites []*artifact.Site) []*artifact.Site {
	return slices.DeleteFunc(slices.Clone(sites), func(s *artifact.Site) bool { return !s.Function })
}

// maybe reports a read of what only some paths set.
func (c *checker) maybe(d Diagnostic, u use, subject string) {
	d.Rule = maybeUnset
	name := u.read.Name
	sites, _ := u.step.Reached(name)
	for _, from := range u.step.From() {
		before, _ := from.Reached(name)
		sites = append(sites, before...)
	}
	slices.SortFunc(sites, func(a, b *artifact.Site) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	sites = slices.DeleteFunc(slices.Compact(sites), func(s *artifact.Site) bool {
		return s.Span.Start >= d.Span.Start && s.Method == u.step.Node.Step.Method
	})
	why := "only some of the paths that lead here set it"
	for _, s := range sites {
		step := c.artifacts.Step(s.Method.Name)
		switch {
		case s.Conditional:
			why = "`" + s.Method.Name + "` sets it only under a condition"
		case step != nil && step.Caught():
			why = "`" + s.Method.Name + "` may fail before it sets it, and @catch lets the flow go on"
		default:
			continue
		}
		break
	}
	d.Message = subject + ", but it may not be set: " + why + ". Set it on every path, or ask first."
	d.Related = append(d.Related, c.setAt(sites, setIn)...)
	c.report(d)
}
