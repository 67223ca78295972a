package rule

import (
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// mergeStrings looks at include and exclude that are a string. Metaflow asks
// `name in exclude`, which is true of each part of a string, and goes through
// include letter by letter.
func (c *checker) mergeStrings(s *artifact.Step, m *artifact.Merge) {
	if !c.artifacts.Closed || m.Partial || m.Call.Unpacks || m.Via != (text.Span{}) {
		return
	}
	exclude, include := mergeArgument(m.Call, "exclude"), mergeArgument(m.Call, "include")
	switch {
	case include.Kind == flow.String && (!exclude.Known() || exclude.Kind == flow.None):
		c.includedString(s, m, include)
	case exclude.Kind == flow.String && (!include.Known() || include.Kind == flow.None):
		c.excludedString(s, m, exclude)
	}
}

// mergeArgument is what a call of merge_artifacts gives one of its parameters.
func mergeArgument(call flow.Value, name string) flow.Value {
	if k, ok := call.Keyword(name); ok {
		return k.Value
	}
	if i := slices.Index(mergeParameters, name); i < len(call.Items) {
		return call.Items[i]
	}
	return flow.Value{}
}

func (c *checker) includedString(s *artifact.Step, m *artifact.Merge, v flow.Value) {
	for _, letter := range v.Text {
		name := string(letter)
		_, maybe := m.Before(name)
		method, attribute := artifact.Definition(c.flow, name)
		if maybe || method != nil || attribute != nil || !c.noBranchHas(s, name) {
			continue
		}
		c.mergeString(s, m, v, "`include` is a string, and Metaflow takes each of its letters for an artifact, so `merge_artifacts` fails")
		return
	}
}

// excludedString reports a string that leaves out more than it names, where
// that is missed later.
func (c *checker) excludedString(s *artifact.Step, m *artifact.Merge, v flow.Value) {
	for _, name := range c.artifacts.Names() {
		method, attribute := artifact.Definition(c.flow, name)
		if name == v.Text || !strings.Contains(v.Text, name) || method != nil || attribute != nil || c.artifacts.Initial(name) {
			continue
		}
		if _, maybe := m.Before(name); maybe || setsName(s, name) || !slices.ContainsFunc(s.From(), func(from *artifact.Step) bool { return from.Exit(name) == artifact.Surely }) {
			continue
		}
		if reader := c.readBehind(s, name); reader != nil {
			c.mergeString(s, m, v, "`exclude` is a string, and Metaflow leaves out each artifact whose name is a part of it: also `"+name+"`, which `"+reader.Node.Step.Name+"` reads")
			return
		}
	}
}

func setsName(s *artifact.Step, name string) bool {
	return slices.ContainsFunc(s.Sites, func(site *artifact.Site) bool { return site.Name == name })
}

// readBehind is a step that surely reads, of what a step leaves behind, an
// artifact of that name; nil without one.
func (c *checker) readBehind(s *artifact.Step, name string) *artifact.Step {
	seen := map[*artifact.Step]bool{s: true}
	queue := []*artifact.Step{s}
	for len(queue) > 0 {
		s, queue = queue[0], queue[1:]
		for _, out := range s.Node.Out {
			next := c.artifacts.Step(out)
			if next == nil || seen[next] || next.Opaque || next.Node.Type == graph.Join {
				continue
			}
			seen[next] = true
			if slices.ContainsFunc(next.Reads, func(r *artifact.Read) bool {
				return r.Name == name && r.First && !r.Guarded && !r.Conditional && !r.Looped && !r.Nested && !r.Escaped()
			}) {
				return next
			}
			if !setsName(next, name) {
				queue = append(queue, next)
			}
		}
	}
	return nil
}

func (c *checker) mergeString(s *artifact.Step, m *artifact.Merge, v flow.Value, message string) {
	d := Diagnostic{Rule: mergeArguments, Span: v.Span, Step: s.Node.Step.Name, Perhaps: m.Conditional, Message: message}
	names := strings.FieldsFunc(v.Text, func(r rune) bool { return r == ',' || r == ' ' })
	if list := "[\"" + strings.Join(names, "\", \"") + "\"]"; len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return !isIdentifier(n) }) {
		d.Message += ". Write a list: `" + list + "`."
		there := !slices.ContainsFunc(names, func(n string) bool { return c.noBranchHas(s, n) })
		if there && c.code(v.Span) != "" {
			d.Fixes = []Fix{replace(v.Span, list, "Change to "+list)}
		}
	} else {
		d.Message += ". Write a list of names."
	}
	c.report(d)
}
