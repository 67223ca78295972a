// Package analysis turns the bytes of a Python file into flows, graphs and
// findings. It is pure: no I/O, no processes, no protocol types.
package analysis

import (
	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/ignore"
	"flowls/analysis/index"
	"flowls/analysis/rule"
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// Document is an analysed version of one file: immutable, safe to read from
// many goroutines.
type Document struct {
	Text        *text.Text
	File        *flow.File
	Graphs      []*graph.Graph    // parallel to File.Flows
	Diagnostics []rule.Diagnostic // sorted by position, then code

	tree   *syntax.Tree
	ast    *syntax.AST
	site   *index.Site
	edited bool // the next version is likely to come
}

// New analyses a file that stands alone, from nothing. It keeps src, which must
// not be changed afterwards.
func New(src []byte) *Document { return NewAt(src, nil) }

// NewAt is New for a file among others: it may build on them. A nil site is
// that of a file that stands alone.
func NewAt(src []byte, site *index.Site) *Document {
	if len(src) > shedLimit {
		return analyse(syntax.Parse(text.New(src)), nil, site)
	}
	d := analyse(syntax.Once(text.New(src)), nil, site)
	d.tree.Shed()
	return d
}

// shedLimit is the size in bytes up to which a file that was only opened keeps
// no tree: it is most of its memory, and the first edit makes it anew in a few
// milliseconds.
const shedLimit = 16 << 10

// Load analyses the file of the site as the index has it, nil if there is none.
// It cannot be edited.
func Load(site *index.Site) (*Document, error) {
	t, ast, err := site.Parse()
	if t == nil || err != nil {
		return nil, err
	}
	d := &Document{Text: t, ast: ast, site: site}
	d.analyse()
	return d, nil
}

// Edit applies edits in order, each against the text after the one before, and
// analyses the result; what the edits did not touch is taken over. d stays
// valid and must not be closed yet.
func (d *Document) Edit(edits []text.Edit) *Document {
	return d.EditTo(text.Apply(d.Text, edits))
}

// EditTo is Edit for who already has the text after the edits.
func (d *Document) EditTo(t *text.Text) *Document {
	return d.EditAt(t, d.site)
}

// EditAt is EditTo with another site: what other files say is asked again.
func (d *Document) EditAt(t *text.Text, site *index.Site) *Document {
	return analyse(d.tree.Edit(t, d.ast), d.ast, site)
}

// Close frees the syntax tree early; without it the garbage collector does.
// The values of the document stay valid, Edit must not be called any more.
func (d *Document) Close() {
	if d.tree != nil {
		d.tree.Close()
	}
}

func analyse(tree *syntax.Tree, previous *syntax.AST, site *index.Site) *Document {
	d := &Document{Text: tree.Text(), tree: tree, ast: tree.AST(previous), site: site, edited: previous != nil}
	d.analyse()
	return d
}

// Suppose is the document as it would be after edits, without findings and
// without a tree: it cannot be edited.
func (d *Document) Suppose(edits []text.Edit) *Document {
	tree := syntax.Once(text.Apply(d.Text, edits))
	defer tree.Close()
	other := &Document{Text: tree.Text(), ast: tree.AST(nil), site: d.site}
	other.model()
	return other
}

// Model is what a text says that nobody edits, without findings: the flows of a
// file as it was. No other file is looked at.
func Model(src []byte) *flow.File {
	tree := syntax.Once(text.New(src))
	defer tree.Close()
	return flow.Build(tree.Text(), tree.AST(nil))
}

func (d *Document) analyse() {
	d.model()
	artifacts := d.Artifacts
	if d.edited {
		artifacts = func(i int) *artifact.Facts { return artifact.Again(d.File.Flows[i], d.Graphs[i]) }
	}
	d.Diagnostics = ignore.Apply(ignore.Input{
		File: d.File, Notes: d.ast.Notes(), Valid: len(d.ast.Problems) == 0,
		Found: rule.Check(rule.Input{File: d.File, Graphs: d.Graphs, Artifacts: artifacts, Workspace: d.workspace}),
	})
}

// Keep is what the comments of the file leave of findings that were made elsewhere.
func (d *Document) Keep(found []rule.Diagnostic) []rule.Diagnostic {
	if d.ast == nil {
		return found
	}
	return ignore.Keep(d.File, d.ast.Notes(), found)
}

// model is all but the findings.
func (d *Document) model() {
	if d.site == nil {
		d.File = flow.Build(d.Text, d.ast)
	} else {
		d.File = flow.BuildIn(d.site.Path, d.Text, d.ast, d.site.Importer())
	}
	for _, f := range d.File.Flows {
		d.Graphs = append(d.Graphs, graph.Build(f))
	}
}

// Artifacts follows the artifacts through the i-th flow. The answer is not
// kept: most documents are only open, and it is half of their memory.
func (d *Document) Artifacts(i int) *artifact.Facts {
	return artifact.Analyse(d.File.Flows[i], d.Graphs[i])
}

// workspace is the flows of the workspace, nil while they are not known.
func (d *Document) workspace() rule.Workspace {
	if d.site == nil || d.site.Flows == nil {
		return nil
	}
	if names := d.site.Flows(); names != nil && names.Whole {
		return names
	}
	return nil
}
