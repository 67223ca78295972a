package rule

import (
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

var (
	mergeConflict  = &Rule{Code: "MF203", Name: "merge-conflict", Severity: Error, Summary: "merge_artifacts meets an artifact with different values in the branches."}
	likelyConflict = &Rule{Code: "MF204", Name: "likely-merge-conflict", Severity: Warning, Summary: "merge_artifacts meets an artifact that all but surely differs between the branches."}
)

// conflictChecks looks for values that merge_artifacts cannot bring together.
func (c *checker) conflictChecks() {
	if !c.artifacts.Closed {
		return
	}
	for s := range c.reachableSteps() {
		if s.Node.Type != graph.Join || s.Opaque {
			continue
		}
		for _, m := range s.Merges {
			if m.Conditional || m.Partial || m.Dynamic {
				continue
			}
			for _, conflict := range c.conflicts(s, m, false) {
				c.reportConflict(s, m, conflict)
			}
		}
	}
}

// conflict is an artifact whose values differ, and where it gets them.
type conflict struct {
	name  string
	sure  bool
	sites []*artifact.Site
	each  bool // from item to item of a foreach
	// several: the foreach surely has more items than one.
	several bool
}

// origin is where a branch has the value of an artifact from: one place, or
// the split if nothing in the branch sets it.
type origin struct {
	site      *artifact.Site
	inherited bool
}

// conflicts lists what differs between the branches of a join. With guess, also
// what only may differ.
func (c *checker) conflicts(join *artifact.Step, m *artifact.Merge, guess bool) []conflict {
	parents := join.Node.SplitParents()
	if len(parents) == 0 {
		return nil
	}
	split := c.artifacts.Step(parents[len(parents)-1])
	branches := join.Branches()
	var list []conflict
	for _, name := range c.artifacts.Names() {
		if !merges(m, name) {
			continue
		}
		if _, maybe := m.Before(name); maybe {
			continue
		}
		if sites, only := join.Last(name); guess && only && len(sites) > 0 {
			continue // set by the join, before the merge that is thought of
		}
		var origins []origin
		known, touched := true, 0
		for _, branch := range branches {
			present := false
			for _, from := range branch {
				present = present || from.Exit(name) != artifact.Never
			}
			if !present {
				continue
			}
			o, ok := c.origin(branch, split, name)
			known = known && ok
			if !ok || o.site != nil {
				touched++
			}
			origins = append(origins, o)
		}
		if guess && touched > 0 && (len(origins) > 1 || split.Node.Type == graph.Foreach) {
			list = append(list, conflict{name: name})
			continue
		}
		if !known {
			continue
		}
		if found, ok := c.compare(name, origins, split); ok {
			list = append(list, found)
		}
	}
	return list
}

func merges(m *artifact.Merge, name string) bool {
	named := func(v flow.Value) bool { return v.Text == name }
	if len(m.Include) > 0 {
		return slices.ContainsFunc(m.Include, named)
	}
	return !slices.ContainsFunc(m.Exclude, named)
}

// origin finds the only place that a branch can have a value from.
func (c *checker) origin(branch []*artifact.Step, split *artifact.Step, name string) (origin, bool) {
	var found origin
	ok := true
	seen := map[*artifact.Step]bool{split: true}
	queue := slices.Clone(branch)
	for len(queue) > 0 && ok {
		s := queue[0]
		queue = queue[1:]
		if seen[s] {
			found.inherited = found.inherited || s == split
			continue
		}
		seen[s] = true
		sites, only := s.Last(name)
		for _, site := range sites {
			ok = ok && (found.site == nil || found.site == site)
			found.site = site
		}
		ok = ok && !s.UnknownExit()
		if only {
			continue
		}
		if s.Node.Type == graph.Join {
			ok = false
		}
		queue = append(queue, s.From()...)
	}
	return found, ok && !(found.site != nil && found.inherited)
}

// compare decides whether values from these origins differ.
func (c *checker) compare(name string, origins []origin, split *artifact.Step) (conflict, bool) {
	if split.Node.Type == graph.Foreach {
		if len(origins) != 1 || origins[0].site == nil || split.Node.Step.Next.Kind != flow.Foreach {
			return conflict{}, false
		}
		several, single := c.items(split)
		if single {
			return conflict{}, false
		}
		site := origins[0].site
		return conflict{name: name, sites: []*artifact.Site{site}, each: true, several: several}, !site.Conditional && (site.Item && !judging(site.Value()) || changing(site.Value()))
	}
	best, found := conflict{}, false
	for i, a := range origins {
		for _, b := range origins[i+1:] {
			sure, likely := c.differ(a, b, split, name)
			if (sure || likely) && (!found || sure && !best.sure) {
				best, found = conflict{name: name, sure: sure}, true
				for _, o := range []origin{a, b} {
					if o.site != nil {
						best.sites = append(best.sites, o.site)
					} else if sites, _ := split.Reached(name); len(sites) > 0 {
						best.sites = append(best.sites, sites[0])
					}
				}
			}
		}
	}
	return best, found
}

func (c *checker) differ(a, b origin, split *artifact.Step, name string) (sure, likely bool) {
	if a.site == nil && b.site == nil {
		return false, false
	}
	if a.site == nil {
		a, b = b, a
	}
	if b.site == nil { // the value from before the split
		sites, open := split.Reached(name)
		if a.site.Augmented && !a.site.Conditional && !open {
			return false, true
		}
		if len(sites) != 1 || open || split.Exit(name) != artifact.Surely {
			return false, false
		}
		b = origin{site: sites[0]}
	}
	if a.site == b.site || a.site.Conditional || b.site.Conditional || a.site.Augmented || b.site.Augmented || a.site.Catch || b.site.Catch {
		return false, false
	}
	x, y := a.site.Value(), b.site.Value()
	if x.Literal() && y.Literal() {
		return canonical(x) != canonical(y), false
	}
	return false, unlike(x, y)
}

// canonical writes a literal so that equal pickles are equal.
func canonical(v flow.Value) string {
	var b strings.Builder
	var write func(v flow.Value)
	write = func(v flow.Value) {
		b.WriteByte(byte('a' + v.Kind))
		b.WriteString(v.Text)
		b.WriteByte('(')
		for i, item := range v.Items {
			if v.Kind == flow.Dict {
				write(v.Keys[i])
			}
			write(item)
		}
		b.WriteByte(')')
	}
	write(v)
	return b.String()
}

// counting are functions whose results are often equal for different things.
var counting = map[string]bool{
	"len": true, "sum": true, "max": true, "min": true, "int": true, "float": true, "bool": true, "str": true, "abs": true, "any": true,
	"all": true, "round": true, "isinstance": true, "sorted": true, "list": true, "dict": true, "set": true, "tuple": true, "range": true,
	"getattr": true, "hasattr": true, "print": true, "repr": true, "copy": true, "deepcopy": true,
}

// unlike reports whether two expressions as good as never have one value.
func unlike(a, b flow.Value) bool {
	if changing(a) && changing(b) {
		return true
	}
	if a.Kind == flow.FString && b.Kind == flow.FString {
		return false // the same text may come out
	}
	if a.Kind > b.Kind {
		a, b = b, a
	}
	switch {
	case b.Kind != flow.Call || b.Text == "" || counting[lastName(b.Text)]:
		return false
	case judging(a) || judging(b):
		return false
	case a.Kind == flow.Call:
		return a.Text != "" && a.Text != b.Text && !counting[lastName(a.Text)]
	case a.Literal() && a.Kind != flow.None:
		return constructor(b)
	}
	return false
}

// judging: a function that answers yes or no, or counts, as far as its name tells.
func judging(v flow.Value) bool {
	if v.Kind != flow.Call {
		return false
	}
	if counting[lastName(v.Text)] {
		return true
	}
	for word := range strings.SplitSeq(strings.ToLower(lastName(v.Text)), "_") {
		switch word {
		case "is", "has", "have", "can", "should", "check", "checks", "validate", "valid", "verify", "test", "exists", "ok", "count", "num", "status",
			"get", "compare", "equal", "match", "run", "":
			return true
		}
	}
	return false
}

// constructor: the name of a class, as far as style tells.
func constructor(v flow.Value) bool {
	name := lastName(v.Text)
	return name != "" && name[0] >= 'A' && name[0] <= 'Z' && strings.ToUpper(name) != name
}

// changing reports whether an expression has another value each time.
func changing(v flow.Value) bool {
	if v.Kind != flow.Call {
		return false
	}
	switch v.Text {
	case "time.time", "time.time_ns", "time.perf_counter", "time.monotonic", "datetime.now", "datetime.utcnow", "datetime.datetime.now",
		"datetime.datetime.utcnow", "uuid.uuid4", "uuid.uuid1", "uuid4", "random.random", "perf_counter", "os.getpid", "time":
		return true
	}
	return false
}

func lastName(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }

func (c *checker) reportConflict(join *artifact.Step, m *artifact.Merge, found conflict) {
	d := Diagnostic{Rule: likelyConflict, Span: m.Span, Step: join.Node.Step.Name}
	if m.Via != (text.Span{}) {
		d.Span = m.Via
	}
	name := "`" + found.name + "`"
	switch {
	case found.each:
		d.Message = name + " differs from item to item of the foreach, so `merge_artifacts` fails"
		if !found.several {
			d.Message += " once there are two"
		}
	case found.sure:
		d.Rule = mergeConflict
		d.Message = name + " has different values in the branches, so `merge_artifacts` fails"
	default:
		d.Message = name + " most likely has different values in the branches, and then `merge_artifacts` fails"
	}
	d.Message += ": set `self." + found.name + "` before the call, or exclude it."
	d.Related = c.setAt(found.sites, setIn)
	if m.Via == (text.Span{}) {
		if fix, ok := c.exclude(m, found.name); ok {
			fix.Preferred = true
			d.Fixes = append(d.Fixes, fix)
		}
		code := m.Method.Code()
		if at, indent, ok := c.lineStart(m.Span.Start); ok && len(found.sites) > 0 {
			from := code.Inputs + "[0]"
			title := "Take " + found.name + " of the first branch"
			if branches := join.Branches(); !found.each && len(branches[0]) == 1 && branches[0][0].Exit(found.name) == artifact.Surely {
				from = code.Inputs + "." + branches[0][0].Node.Step.Name
				title = "Take " + found.name + " of " + branches[0][0].Node.Step.Name
			}
			if found.each {
				title = "Collect " + found.name + " of all items"
				d.Fixes = append(d.Fixes, Fix{Title: title, Edits: []text.Edit{{
					Span: text.Span{Start: at, End: at},
					New:  code.Self + "." + found.name + " = [i." + found.name + " for i in " + code.Inputs + "]" + c.file.Text.LineEnding() + indent,
				}}})
			} else {
				d.Fixes = append(d.Fixes, Fix{Title: title, Edits: []text.Edit{{
					Span: text.Span{Start: at, End: at},
					New:  code.Self + "." + found.name + " = " + from + "." + found.name + c.file.Text.LineEnding() + indent,
				}}})
			}
		}
	}
	c.report(d)
}
