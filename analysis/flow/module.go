package flow

import (
	"bytes"
	"cmp"
	"slices"
	"sync"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// Module is a Python file as those see it that import from it. It never
// changes once read, and any number of flows share it.
type Module struct {
	Path string
	Text *text.Text
	// Base is what its offsets count from in the spans of flows of other files.
	Base int
	// Dirs are the folders of its submodules; none unless it is a package.
	Dirs []string

	scope   *scope
	broken  bool        // Python cannot read it
	dynamic func() bool // it changes where Python looks for modules; nil: no
}

// Dynamic reports whether running the module may change where Python looks
// for modules: where those are that it imports is then unknown.
func (m *Module) Dynamic() bool { return m.dynamic != nil && m.dynamic() }

// ReadModule reads a file for others to import from; number tells it from all
// others that a flow may take something from, and is above zero.
func ReadModule(path string, dirs []string, t *text.Text, ast *syntax.AST, number int) *Module {
	m := newModule(path, t)
	m.Dirs, m.Base = dirs, number*text.Foreign
	m.broken = len(ast.Problems) > 0
	r := &reader{module: m}
	r.block(ast.Root(), m.Base, m.scope, nil, false)
	return m
}

// Namespace is a package without a file: folders alone.
func Namespace(dirs []string) *Module {
	return &Module{Dirs: dirs, scope: newScope(nil, 0)}
}

func newModule(path string, t *text.Text) *Module {
	m := &Module{Path: path, Text: t, scope: newScope(nil, 16)}
	m.dynamic = sync.OnceValue(func() bool { // most files are not asked
		has := func(word string) bool { return bytes.Contains(t.Bytes(), []byte(word)) }
		return has("sys.") && (has("sys.path") || has("sys.modules") || has("sys.meta_path")) || has("addsitedir") || has("__path__")
	})
	return m
}

func (m *Module) holds(offset int) bool {
	return m != nil && m.Text != nil && m.Base <= offset && offset <= m.Base+m.Text.Len()
}

// file is the path of the class's file, "" if it is the one that is read.
func (c *class) file() string {
	if c.module == nil || c.module.Base == 0 {
		return ""
	}
	return c.module.Path
}

// Locate finds the file that a foreign span is in, and the span there. For a
// span of this file, or of none that is known, it gives nil and s itself.
func (f *File) Locate(s text.Span) (*Module, text.Span) {
	if s.Foreign() {
		for _, m := range f.Others {
			if m.holds(s.Start) {
				return m, s.Shift(-m.Base)
			}
		}
	}
	return nil, s
}

// Line is the zero-based line of an offset in its own file.
func (f *File) Line(offset int) int {
	if m, at := f.Locate(text.Span{Start: offset, End: offset}); m != nil {
		return m.Text.Line(at.Start)
	}
	return f.Text.Line(offset)
}

// Slice is the text of a span in its own file.
func (f *File) Slice(s text.Span) string {
	if m, at := f.Locate(s); m != nil {
		return m.Text.Slice(at)
	}
	return f.Text.Slice(s)
}

// LineSpan is the line of an offset, without its end, where that line is.
func (f *File) LineSpan(offset int) text.Span {
	if m, at := f.Locate(text.Span{Start: offset, End: offset}); m != nil {
		return m.Text.LineSpan(m.Text.Line(at.Start)).Shift(m.Base)
	}
	return f.Text.LineSpan(f.Text.Line(offset))
}

// addOthers lists the files of the classes that a flow builds on.
func (f *File) addOthers(order []*class) {
	for _, c := range order {
		if c.file() != "" && !slices.Contains(f.Others, c.module) {
			f.Others = append(f.Others, c.module)
		}
	}
	slices.SortFunc(f.Others, func(a, b *Module) int { return cmp.Compare(a.Base, b.Base) })
}
