package rule

import (
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

var caughtConflict = &Rule{Code: "MF219", Name: "caught-failure-conflict", Severity: Hint, Summary: "merge_artifacts fails once @catch has caught something in a branch."}

// caughtName is where @catch keeps the exception, whatever its var is.
const caughtName = "_catch_exception"

// caughtChecks looks for joins that bring together what @catch leaves: equal
// while nothing fails, and the merge fails when something does.
func (c *checker) caughtChecks() {
	if !c.artifacts.Closed {
		return
	}
	for s := range c.reachableSteps() {
		if s.Node.Type != graph.Join || s.Opaque {
			continue
		}
		for _, m := range s.Merges {
			if !m.Partial && !m.Dynamic && len(m.Include) == 0 && m.Via == (text.Span{}) {
				c.caughtConflict(s, m)
			}
		}
	}
}

func (c *checker) caughtConflict(join *artifact.Step, m *artifact.Merge) {
	sites, catching := c.catching(join)
	if len(catching) == 0 {
		return
	}
	var names []string
	each := join.Node.SplitParents()
	inForeach := len(each) > 0 && c.graph.Nodes[each[len(each)-1]].Type == graph.Foreach
	for i, site := range sites {
		again := slices.ContainsFunc(sites[:i], func(o *artifact.Site) bool { return o.Name == site.Name })
		if (inForeach || again) && !slices.Contains(names, site.Name) {
			names = append(names, site.Name)
		}
	}
	if inForeach || len(catching) > 1 {
		names = append(names, caughtName)
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		_, set := m.Before(name)
		return set || !merges(m, name)
	})
	if len(names) == 0 {
		return
	}
	d := Diagnostic{
		Rule: caughtConflict, Span: m.Span, Step: join.Node.Step.Name,
		Message: "`@catch` lets `" + strings.Join(catching, "`, `") + "` fail, but then " + quote(names) + " differ between the branches, and this merge fails: exclude them.",
		Related: c.setAt(sites, setIn),
	}
	if fix, ok := c.exclude(m, strings.Join(names, `", "`)); ok {
		fix.Title, fix.Preferred = "Exclude "+strings.Join(names, " and "), true
		d.Fixes = []Fix{fix}
	}
	c.report(d)
}

// catching are the steps between a join and its split that have @catch, one in
// each branch, and the places that name what it sets.
func (c *checker) catching(join *artifact.Step) (sites []*artifact.Site, names []string) {
	parents := join.Node.SplitParents()
	if len(parents) == 0 {
		return nil, nil
	}
	split := c.artifacts.Step(parents[len(parents)-1])
	for _, branch := range join.Branches() {
		seen := map[*artifact.Step]bool{split: true}
		queue := slices.Clone(branch)
		found := false
		for len(queue) > 0 {
			s := queue[0]
			queue = queue[1:]
			if seen[s] {
				continue
			}
			seen[s] = true
			if s.Caught() && !found {
				found = true
				names = append(names, s.Node.Step.Name)
				for _, site := range s.Sites {
					if site.Catch {
						sites = append(sites, site)
					}
				}
			}
			if s.Node.Type != graph.Join { // what is before it does not get through
				queue = append(queue, s.From()...)
			}
		}
	}
	return sites, names
}
