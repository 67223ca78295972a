package rule

import (
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/text"
)

// artifactRules are about the data flow of artifacts: MF2xx.
var artifactRules = slices.Concat(readRules, mergeRules, storeRules, []*Rule{classValue, caughtConflict})

// artifactChecks finds what breaks artifactRules and inputRules.
func (c *checker) artifactChecks() {
	c.readChecks()
	c.lostStartCheck()
	c.inputItemChecks()
	c.inputChecks()
	c.mergeChecks()
	c.conflictChecks()
	c.storeChecks()
	c.classValueChecks()
	c.caughtChecks()
	c.neverReadChecks()
}

// reachableSteps yields the steps that a run can come to, alphabetically.
func (c *checker) reachableSteps() func(func(*artifact.Step) bool) {
	return func(yield func(*artifact.Step) bool) {
		for _, s := range c.artifacts.Steps {
			if s.Node.Reachable && !yield(s) {
				return
			}
		}
	}
}

// known are the names that can be read when a step ends: what reaches it, and
// what the class defines.
func (c *checker) known(s *artifact.Step) []string {
	var sure, others []string
	for _, name := range c.artifacts.Names() {
		switch s.Exit(name) {
		case artifact.Surely:
			sure = append(sure, name)
		case artifact.Maybe, artifact.Related:
			others = append(others, name)
		}
	}
	names := append(sure, others...)
	for name := range c.flow.Attributes {
		names = append(names, name)
	}
	for name := range c.flow.Methods {
		if n := c.graph.Nodes[name]; n == nil && !artifact.Reserved(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names[len(sure)+len(others):])
	return names
}

// code is the text at a place of this file, "" at one of another.
func (c *checker) code(span text.Span) string {
	if span.Foreign() {
		return ""
	}
	return c.file.Text.Slice(span)
}

// attributeSpan is the name in a piece of code that ends or starts with self.name.
func (c *checker) attributeSpan(span text.Span, name string) (whole, last text.Span) {
	code := c.code(span)
	if end, rest, found := strings.Cut(code, "."+name); found && (rest == "" || !isLetter(rest[0])) && isWord(end) {
		at := span.Start + len(end) + 1
		return text.Span{Start: span.Start, End: at + len(name)}, text.Span{Start: at, End: at + len(name)}
	}
	return span, text.Span{}
}

func isLetter(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

func isWord(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) && s[i] != '.' {
			return false
		}
	}
	return s != ""
}

// setAt points at the places that set an artifact, at most three.
func (c *checker) setAt(sites []*artifact.Site, message func(*artifact.Site) string) []Related {
	var list []Related
	for _, s := range sites[:min(len(sites), 3)] {
		list = append(list, Related{Span: s.Span, Message: message(s)})
	}
	return list
}

func setIn(s *artifact.Site) string {
	if s.Catch {
		return "`" + s.Name + "` is set here, by @catch"
	}
	return "`" + s.Name + "` is set here, in `" + s.Method.Name + "`"
}
