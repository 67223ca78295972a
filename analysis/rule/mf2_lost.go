package rule

import (
	"cmp"
	"fmt"
	"slices"

	"flowls/analysis/artifact"
	"flowls/analysis/graph"
)

// loss is a read of what a join has lost, where merging its branches is all it needs.
type loss struct {
	join    *artifact.Step
	name    string
	finding Diagnostic
	use     use
}

// namedLosses bounds how many names and places a finding lists.
const namedLosses = 5

// reportLost reports what each join has lost: one read where it is, several at
// the join, as one line there mends them all.
func (c *checker) reportLost() {
	byJoin := map[*artifact.Step][]loss{}
	for _, l := range c.losses {
		byJoin[l.join] = append(byJoin[l.join], l)
	}
	for s := range c.reachableSteps() {
		list := byJoin[s]
		if len(list) == 1 {
			d := list[0].finding
			d.Fixes = c.carryFixes(list[0].use, s)
			c.report(d)
		} else if len(list) > 1 {
			c.reportLosses(s, list)
		}
	}
	c.losses = nil
}

func (c *checker) reportLosses(join *artifact.Step, list []loss) {
	d := Diagnostic{Rule: lostAtJoin, Span: join.Node.Step.NameSpan, Step: join.Node.Step.Name, Perhaps: true}
	var names []string
	for _, l := range list {
		d.Perhaps = d.Perhaps && l.finding.Perhaps
		if !slices.Contains(names, l.name) {
			names = append(names, l.name)
		}
		if len(d.Related) < namedLosses {
			d.Related = append(d.Related, Related{Span: l.finding.Span, Message: "`" + l.name + "` is read here"})
		}
	}
	what := quote(names[:min(len(names), namedLosses)])
	if more := len(names) - namedLosses; more > 0 {
		what += fmt.Sprintf(" and %d more", more)
	}
	d.Message = fmt.Sprintf("The join `%s` leaves %s behind in its branches, and later steps read that: merge the branches with `self.merge_artifacts(inputs)`, or carry over what is needed.", join.Node.Step.Name, what)
	if fix, ok := c.mergeFix(join); ok {
		d.Fixes = []Fix{fix}
	}
	c.report(d)
}

// lostAt is the last join before the end of a step whose branches have the
// artifact, nil if there is none.
func (c *checker) lostAt(s *artifact.Step, name string) *artifact.Step {
	seen := map[*artifact.Step]bool{}
	queue := []*artifact.Step{s}
	for len(queue) > 0 {
		s, queue = queue[0], queue[1:]
		if seen[s] {
			continue
		}
		seen[s] = true
		if s.Node.Type == graph.Join {
			for _, from := range s.From() {
				if from.Exit(name) != artifact.Never {
					return s
				}
			}
		}
		queue = append(queue, s.From()...)
	}
	return nil
}

func (c *checker) lost(d Diagnostic, u use, subject string, join *artifact.Step) {
	name := u.read.Name
	d.Rule = lostAtJoin
	where := "the join `" + join.Node.Step.Name + "`"
	if join == u.step {
		where = "this join"
	}
	d.Message = fmt.Sprintf("%s, but %s leaves it behind in its branches: carry it over there, or merge the branches with `self.merge_artifacts(inputs)`.", subject, where)
	var sites []*artifact.Site
	for _, from := range join.From() {
		reached, _ := from.Reached(name)
		sites = append(sites, reached...)
	}
	slices.SortFunc(sites, func(a, b *artifact.Site) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	d.Related = append(d.Related, c.setAt(slices.Compact(sites), setIn)...)
	if join != u.step {
		d.Related = append(d.Related, related(join.Node, "it is lost here"))
	}
	if c.mergeable(u.step, join) {
		c.losses = append(c.losses, loss{join, name, d, u})
		return
	}
	d.Fixes = c.carryFixes(u, join)
	c.report(d)
}
