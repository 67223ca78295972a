package cli

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"flowls/analysis/rule"
)

// sarifFormat writes SARIF 2.1.0, one run. Its few types are here rather than
// from a library: those link a JSON schema validator with an HTTP client into
// the binary, which costs 2 ms at every start. Tests validate the output with
// such a library.
type sarifFormat struct {
	w       io.Writer
	results int
	index   map[string]int // of a rule's code
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifRule struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	Short         sarifText      `json:"shortDescription"`
	Help          sarifText      `json:"help"`
	Configuration map[string]any `json:"defaultConfiguration"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifReplacement struct {
	Deleted  sarifRegion `json:"deletedRegion"`
	Inserted sarifText   `json:"insertedContent"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

// sarifRelated is a line of another file.
type sarifRelated struct {
	Physical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   struct {
			StartLine int `json:"startLine"`
		} `json:"region"`
	} `json:"physicalLocation"`
	Message sarifText `json:"message"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
	Related   []sarifRelated  `json:"relatedLocations,omitempty"`
	Fixes     []sarifFix      `json:"fixes,omitempty"`
}

func (f *sarifFormat) begin() error {
	f.index = map[string]int{}
	rules := []sarifRule{}
	for i, r := range rule.All() {
		f.index[r.Code] = i
		rules = append(rules, sarifRule{
			ID: r.Code, Name: r.Name, Short: sarifText{Text: r.Summary}, Help: sarifText{Text: r.Summary, Markdown: ruleMarkdown(r)},
			Configuration: map[string]any{"level": sarifLevel(r.Severity)},
		})
	}
	if _, err := io.WriteString(f.w, `{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [{"columnKind": "unicodeCodePoints", "tool": {"driver": {"name": "flowls", "rules": `); err != nil {
		return err
	}
	if err := encode(f.w, rules); err != nil {
		return err
	}
	_, err := io.WriteString(f.w, `}}, "results": [`)
	return err
}

func (f *sarifFormat) file(r fileReport) error {
	artifact := sarifArtifact{URI: fileURI(r.Path)}
	for _, d := range r.Diagnostics {
		loc := sarifLocation{Physical: sarifPhysical{artifact, region(d.Range)}}
		if d.Flow != "" {
			name := sarifLogical{d.Flow, "type"}
			if d.Step != "" {
				name = sarifLogical{d.Flow + "." + d.Step, "function"}
			}
			loc.Logical = []sarifLogical{name}
		}
		res := sarifResult{
			RuleID: d.Code, RuleIndex: f.index[d.Code], Level: sarifLevel(d.severity), Message: sarifText{Text: d.Message}, Locations: []sarifLocation{loc},
		}
		for _, e := range d.Elsewhere {
			related := sarifRelated{Message: sarifText{Text: e.Message}}
			related.Physical.Artifact.URI, related.Physical.Region.StartLine = fileURI(e.Path), e.Line
			res.Related = append(res.Related, related)
		}
		for _, fix := range d.edits {
			change := sarifChange{Artifact: artifact}
			for _, e := range fix.edits {
				change.Replacements = append(change.Replacements, sarifReplacement{region(e.at), sarifText{Text: e.new}})
			}
			res.Fixes = append(res.Fixes, sarifFix{sarifText{Text: fix.title}, []sarifChange{change}})
		}
		sep := ",\n"
		if f.results == 0 {
			sep = "\n"
		}
		f.results++
		if _, err := io.WriteString(f.w, sep); err != nil {
			return err
		}
		if err := encode(f.w, res); err != nil {
			return err
		}
	}
	return nil
}

func (f *sarifFormat) end(summary) error {
	_, err := io.WriteString(f.w, "]}]}\n")
	return err
}

func region(s span) sarifRegion {
	return sarifRegion{s.Start.Line, s.Start.Column, s.End.Line, s.End.Column}
}

// sarifLevel maps to the levels that SARIF has.
func sarifLevel(s rule.Severity) string {
	switch s {
	case rule.Error:
		return "error"
	case rule.Warning:
		return "warning"
	default:
		return "note"
	}
}

// fileURI makes a relative reference of a relative path, so that reports made on
// one machine fit another, and a file URI of an absolute one.
func fileURI(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
		u.Path = "/" + strings.TrimPrefix(u.Path, "/")
	}
	return u.String()
}
