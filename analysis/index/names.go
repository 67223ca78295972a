package index

import (
	"maps"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// Symbol is a flow or a step with its place, for lists that hold many files:
// it keeps no text alive.
type Symbol struct {
	Name       string
	Flow       string // that the step belongs to, "" for a flow
	Path       string
	Start, End text.Position
}

// Summary is what one file adds to the names of a workspace.
type Summary struct {
	Symbols []Symbol // flows, each followed by the steps that it defines
	Classes []string // of any kind: what nobody can rule out to be a flow
	Heirs   []Heir
	Renames []Rename
}

// Summarise reads the names of a file; flows says whether to look for flows.
// Columns count in enc.
func Summarise(path string, t *text.Text, enc text.Encoding, flows bool) Summary {
	h := readHeritage(t)
	s := Summary{Classes: h.classes, Heirs: h.heirs, Renames: h.renames}
	if !flows || s.Classes == nil {
		return s
	}
	tree := syntax.Once(t)
	defer tree.Close()
	s.Symbols = Symbols(path, flow.Build(t, tree.AST(nil)), enc)
	return s
}

// Symbols lists the flows of a file and the steps that they define.
func Symbols(path string, f *flow.File, enc text.Encoding) []Symbol {
	var list []Symbol
	add := func(name, in string, at text.Span) {
		list = append(list, Symbol{name, in, path, f.Text.Position(at.Start, enc), f.Text.Position(at.End, enc)})
	}
	for _, one := range f.Flows {
		add(one.Name, "", one.NameSpan)
		for _, s := range one.Steps {
			if one.Owns(s.Span) {
				add(s.Name, one.Name, s.NameSpan)
			}
		}
	}
	return list
}

// Names are the flows and steps of a workspace. They never change.
type Names struct {
	// Whole: the workspace holds no files that were left out, apart from those
	// that it ignores.
	Whole   bool
	files   map[string]Summary
	classes map[string]int // in how many files
	flows   []string
	bases   map[place]bool // the classes that other files build on
}

// NewNames are those of the files by path.
func NewNames(files map[string]Summary, whole bool) *Names {
	n := &Names{Whole: whole, files: files, classes: map[string]int{}, bases: subclassed(files)}
	seen := map[string]bool{}
	for _, s := range files {
		for _, c := range s.Classes {
			n.classes[c]++
		}
		for _, symbol := range s.Symbols {
			if symbol.Flow == "" && !seen[symbol.Name] {
				seen[symbol.Name] = true
				n.flows = append(n.flows, symbol.Name)
			}
		}
	}
	slices.Sort(n.flows)
	return n
}

// Subclassed reports whether a class of the file at path is the base of a class
// in another file, as far as the files are known: a nil n knows none.
func (n *Names) Subclassed(path, class string) bool { return n != nil && n.bases[place{path, class}] }

// Known reports whether some class has the name.
func (n *Names) Known(name string) bool { return n.classes[name] > 0 }

// Flows are the names of the flows, sorted.
func (n *Names) Flows() []string { return n.flows }

// Symbols yields the symbols by path.
func (n *Names) Symbols(yield func(Symbol) bool) {
	paths := make([]string, 0, len(n.files))
	for p := range n.files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	for _, p := range paths {
		for _, s := range n.files[p].Symbols {
			if !yield(s) {
				return
			}
		}
	}
}

// With is the names with other summaries of some files.
func (n *Names) With(changed map[string]Summary) *Names {
	files := maps.Clone(n.files)
	maps.Copy(files, changed)
	return NewNames(files, n.Whole)
}

// Fits reports whether what somebody typed fits a name: its letters come in
// that order, whatever their case.
func (s Symbol) Fits(query string) bool {
	name := strings.ToLower(s.Name)
	if s.Flow != "" {
		name = strings.ToLower(s.Flow + "." + s.Name)
	}
	for _, r := range strings.ToLower(query) {
		i := strings.IndexRune(name, r)
		if i < 0 {
			return false
		}
		name = name[i+len(string(r)):]
	}
	return true
}
