package rule

import (
	"cmp"
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// All lists every rule, sorted by code.
func All() []*Rule {
	readDocs()
	return slices.Clone(rules)
}

// Lookup finds a rule by its code or its name, nil if there is none.
func Lookup(code string) *Rule {
	readDocs()
	for _, r := range rules {
		if strings.EqualFold(r.Code, code) || r.Name == code {
			return r
		}
	}
	return nil
}

// Check runs all rules and returns the findings sorted by position, then code.
func Check(in Input) []Diagnostic {
	var found []Diagnostic
	for _, e := range in.File.SyntaxErrors {
		found = append(found, Diagnostic{Rule: syntaxError, Message: e.Message, Span: e.Span, Flow: e.Flow, Step: e.Step})
	}
	once := map[spot]bool{}
	for i, f := range in.File.Flows {
		code := &checker{file: in.File, flow: f, graph: in.Graphs[i], once: once}
		data := &checker{file: in.File, flow: f, graph: in.Graphs[i]}
		both(len(f.Steps) >= shared, code.codeChecks, func() {
			data.artifacts = in.Artifacts(i)
			data.dataChecks()
		})
		found = append(append(found, code.found...), data.found...)
	}
	found = append(found, unknownFlows(in)...)
	Sort(found)
	return found
}

// Sort sorts findings by position, then code.
func Sort(found []Diagnostic) {
	slices.SortStableFunc(found, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End), cmp.Compare(a.Rule.Code, b.Rule.Code))
	})
}

// checker looks at one flow. What it remembers is its own: two look at each
// flow, perhaps at once, one of them at what needs the data flow.
type checker struct {
	file      *flow.File
	flow      *flow.Flow
	graph     *graph.Graph
	artifacts *artifact.Facts // the data flow; nil for codeChecks
	found     []Diagnostic

	once      map[spot]bool // of all flows; for codeChecks
	hasLoop   bool
	targets   map[string]bool
	suggested map[[2]string]string // by step and unknown name
	// methodEffects are those of the methods that were asked for, by name.
	methodEffects map[string]*effects
	losses        []loss // found by readChecks, reported at its end
	// lostReads are those of what the lost start step sets; lostReadsPerhaps: none of them surely runs.
	lostReads        []Related
	lostReadsPerhaps bool
	lostStartKnown   bool
	lostStartMethod  *flow.Method
	// conflictingJoins are the joins that were asked about.
	conflictingJoins map[*artifact.Step]bool
	// nearestAsked counts the artifacts that names were compared with.
	nearestAsked int
	// made is what calls of the file's functions make, of those that were asked for.
	made map[string]string
	// goesOn says which methods surely call self.next, of those that were asked for.
	goesOn map[string]bool
	// comings says whether calls of methods, and of functions of the file, come back.
	comings  map[string]coming
	defs     map[string][]functionName // the functions of the file, once they are asked for
	bodies   []*flow.Step              // by where they begin
	reaches  map[string][]*flow.Step   // the steps that run a method, by its name
	attached map[*flow.Step][]applied  // their decorators, of those that were asked for
}

// codeChecks runs the checks that need no data flow, in the order of Metaflow's
// linter. Metaflow stops at the first that fails; here all run, and a check
// leaves out what would only be a consequence of an earlier finding.
func (c *checker) codeChecks() {
	if c.flow.Abstract {
		c.decoratorChecks() // its class body runs, as that of any flow
		return
	}
	if c.flow.Open {
		c.report(Diagnostic{Rule: notAnalysable, Span: c.flow.NameSpan, Message: "The graph of `" + c.flow.Name + "` is checked only in part: " + c.flow.OpenReason + "."})
	}
	for n := range c.nodes() {
		if c.whole() || c.own(n.Step) {
			c.stepRules(n)
		}
	}
	c.graphChecks()
	c.bodyChecks()
	c.decoratorChecks()
	c.currentChecks()
	c.parameterChecks()
	c.configChecks()
	c.packageChecks()
	c.foreachInputChecks()
}

// dataChecks runs the others.
func (c *checker) dataChecks() {
	if c.flow.Abstract {
		return
	}
	c.artifactChecks()
	c.foreachChecks()
}

// whole: the file shows every step of the flow.
func (c *checker) whole() bool { return !c.flow.Open && !c.flow.Broken }

// graphChecks are the linter's checks of the graph as a whole.
func (c *checker) graphChecks() {
	if !c.whole() {
		return
	}
	c.startAndEnd()
	c.unknownSteps()
	c.loops()
	c.unreachable()
	c.balance()
	c.parallel()
	c.switchJoins()
}

// report adds a finding. What is said about a base class of another file is
// brought home first, so no rule has to mind where a step comes from.
func (c *checker) report(d Diagnostic) {
	d.Flow = c.flow.Name
	if c.bringHome(&d) {
		c.found = append(c.found, d)
	}
}

// spot is where a rule was broken.
type spot struct {
	rule *Rule
	span text.Span
}

// reportOnce leaves out what an earlier flow of the file, which shares the
// steps and decorators of a base, has reported.
func (c *checker) reportOnce(d Diagnostic) {
	if p := (spot{d.Rule, d.Span}); !c.once[p] {
		c.once[p] = true
		c.report(d)
	}
}

// atDef reports at the name of a step; Metaflow prints the line of its def.
func (c *checker) atDef(r *Rule, n *graph.Node, message string) Diagnostic {
	return Diagnostic{
		Rule: r, Message: message, Span: n.Step.NameSpan, Step: n.Step.Name,
		MetaflowCheck: r.MetaflowCheck, MetaflowLine: c.defLine(n), MetaflowFile: n.Step.File,
	}
}

// atCall reports at the self.next of a step, whose first line Metaflow prints.
func (c *checker) atCall(r *Rule, n *graph.Node, span text.Span, message string) Diagnostic {
	return Diagnostic{
		Rule: r, Message: message, Span: span, Step: n.Step.Name,
		MetaflowCheck: r.MetaflowCheck, MetaflowLine: c.line(n.Step.Next.StatementSpan.Start), MetaflowFile: n.Step.File,
	}
}

func (c *checker) line(offset int) int { return c.file.Line(offset) + 1 }

func (c *checker) defLine(n *graph.Node) int { return c.line(n.Step.DefSpan.Start) }

// nodes yields the nodes alphabetically.
func (c *checker) nodes() func(func(*graph.Node) bool) {
	return func(yield func(*graph.Node) bool) {
		for _, n := range c.graph.List {
			if !yield(n) {
				return
			}
		}
	}
}

// unsure reports whether the transition of a step is not what its author
// meant: where it leads is unknown.
func (c *checker) unsure(n *graph.Node) bool {
	s := n.Step
	if s.Opaque || s.NextBroken || s.Broken && (s.Next == nil || s.Next.Kind == flow.Invalid) {
		return true
	}
	return n.Type != graph.End && (s.Next == nil || s.Next.Kind == flow.Invalid)
}

// related points at the name of a step.
func related(n *graph.Node, message string) Related {
	return Related{Span: n.Step.NameSpan, Message: message}
}

func quote(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return "`" + strings.Join(names, "`, `") + "`"
}
