package cli

import (
	"flowls/analysis"
	"flowls/analysis/graph"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// The types of this file are the JSON of `flowls check`, fixed in design.md.
// Lines and columns are 1-based; columns count Unicode code points.

type fileReport struct {
	Path        string       `json:"path"`
	Flows       []flowReport `json:"flows"`
	Diagnostics []diagnostic `json:"diagnostics"`

	// text is there for source excerpts and dropped once printed.
	text *text.Text
}

type flowReport struct {
	Name  string       `json:"name"`
	Line  int          `json:"line"`
	Steps []stepReport `json:"steps"`
}

type stepReport struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// Path is the file of an inherited step, if that is another one.
	Path string   `json:"path,omitempty"`
	Line int      `json:"line"`
	Next []string `json:"next"`
}

// elsewhere is a place in another file that explains a finding.
type elsewhere struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

type position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

type span struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

type diagnostic struct {
	Code     string `json:"code"`
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Flow     string `json:"flow,omitempty"`
	Step     string `json:"step,omitempty"`
	Range    span   `json:"range"`
	// MetaflowCheck is the function of Metaflow's linter that finds the same,
	// MetaflowLine the line that it prints.
	MetaflowCheck string `json:"metaflow_check,omitempty"`
	MetaflowLine  int    `json:"metaflow_line,omitempty"`
	// MetaflowFile is the file of that line, if it is another one.
	MetaflowFile string      `json:"metaflow_file,omitempty"`
	Elsewhere    []elsewhere `json:"elsewhere,omitempty"`
	Fixes        []string    `json:"fixes,omitempty"`

	severity rule.Severity
	edits    []fixEdits
}

// fixEdits is a quick fix that changes text, for formats that carry it.
type fixEdits struct {
	title string
	edits []editReport
}

type editReport struct {
	at  span
	new string
}

// report turns an analysed document into what the command line prints.
func report(path string, doc *analysis.Document, found []rule.Diagnostic, sites *sites) fileReport {
	r := fileReport{Path: path, Flows: []flowReport{}, Diagnostics: []diagnostic{}, text: doc.Text}
	for i, f := range doc.File.Flows {
		fr := flowReport{Name: f.Name, Line: start(doc.Text, f.NameSpan).Line, Steps: []stepReport{}}
		for _, name := range doc.Graphs[i].Reading() {
			n := doc.Graphs[i].Nodes[name]
			fr.Steps = append(fr.Steps, stepReport{Name: name, Type: nodeType(n), Line: doc.File.Line(n.Step.DefSpan.Start) + 1, Next: next(n)})
			if n.Step.File != "" {
				fr.Steps[len(fr.Steps)-1].Path = sites.shown(n.Step.File, path)
			}
		}
		r.Flows = append(r.Flows, fr)
	}
	for _, d := range found {
		r.Diagnostics = append(r.Diagnostics, finding(path, doc.Text, d, sites))
	}
	return r
}

func finding(path string, t *text.Text, d rule.Diagnostic, sites *sites) diagnostic {
	out := diagnostic{
		Code: d.Rule.Code, Rule: d.Rule.Name, Severity: severityName(d.Severity()), Message: d.Message, Flow: d.Flow, Step: d.Step,
		Range: rangeOf(t, d.Span), MetaflowCheck: d.MetaflowCheck, MetaflowLine: d.MetaflowLine, severity: d.Severity(),
	}
	if d.MetaflowFile != "" {
		out.MetaflowFile = sites.shown(d.MetaflowFile, path)
	}
	for _, e := range d.Elsewhere {
		out.Elsewhere = append(out.Elsewhere, elsewhere{sites.shown(e.File, path), e.Line, e.Message})
	}
	for _, f := range d.Fixes {
		out.Fixes = append(out.Fixes, f.Title)
		if len(f.Edits) == 0 {
			continue
		}
		fe := fixEdits{title: f.Title}
		for _, e := range f.Edits {
			fe.edits = append(fe.edits, editReport{at: rangeOf(t, e.Span), new: e.New})
		}
		out.edits = append(out.edits, fe)
	}
	return out
}

func nodeType(n *graph.Node) string {
	if n.Type == graph.Unknown {
		return "unknown"
	}
	return string(n.Type)
}

func next(n *graph.Node) []string {
	if n.Out == nil {
		return []string{}
	}
	return n.Out
}

func start(t *text.Text, s text.Span) position { return at(t, s.Start) }

func rangeOf(t *text.Text, s text.Span) span { return span{at(t, s.Start), at(t, s.End)} }

func at(t *text.Text, offset int) position {
	p := t.Position(offset, text.CodePoints)
	return position{p.Line + 1, p.Column + 1}
}

func severityName(s rule.Severity) string {
	switch s {
	case rule.Error:
		return "error"
	case rule.Warning:
		return "warning"
	case rule.Info:
		return "info"
	default:
		return "hint"
	}
}
