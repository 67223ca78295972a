package rule

import (
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// neverReadChecks hints at artifacts that nobody can be after: nothing in the
// file names them again, and the join behind their branch drops them, so the
// results of the run do not have them either. What reaches the end is a result,
// and what costs nothing is nobody's concern.
func (c *checker) neverReadChecks() {
	if !c.artifacts.Closed || c.graph.End == nil {
		return
	}
	var words map[string]int
	end := c.artifacts.Step(c.graph.End.Step.Name)
	for s := range c.reachableSteps() {
		for _, site := range s.Sites {
			name := site.Name
			if s == end || s.Opaque || site.Catch || site.Augmented || site.ValueKind() != flow.Call || strings.HasPrefix(name, "_") || end.Exit(name) != artifact.Never ||
				s.Exit(name) == artifact.Never || site.Method != s.Node.Step.Method || hasCard(s) || !c.dropped(s, name) {
				continue
			}
			if words == nil {
				words = wordCounts(string(c.file.Text.Bytes()))
			}
			if words[name] != 1 {
				continue
			}
			c.report(Diagnostic{
				Rule: neverRead, Span: site.Span, Step: s.Node.Step.Name,
				Message: "Nothing reads `self." + name + "`, and the join behind this branch drops it: a local variable would do.",
			})
		}
	}
}

// dropped: some join behind the step leaves the artifact behind.
func (c *checker) dropped(s *artifact.Step, name string) bool {
	for join := range c.reachableSteps() {
		if join.Node.Type != graph.Join || join.Exit(name) != artifact.Never {
			continue
		}
		for _, from := range join.From() {
			if from.Exit(name) != artifact.Never {
				return true
			}
		}
	}
	return false
}

func hasCard(s *artifact.Step) bool {
	for _, d := range s.Node.Step.Decorators {
		if d.Name == "card" {
			return true
		}
	}
	return false
}

// wordCounts counts the identifiers in a text, in strings and comments too.
func wordCounts(s string) map[string]int {
	counts := map[string]int{}
	start := -1
	for i := 0; i <= len(s); i++ {
		if i < len(s) && isLetter(s[i]) {
			if start < 0 {
				start = i
			}
		} else if start >= 0 {
			counts[s[start:i]]++
			start = -1
		}
	}
	return counts
}
