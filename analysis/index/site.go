package index

import (
	"path/filepath"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// Site is where a file is, as far as finding what it imports needs that.
type Site struct {
	Index *Index
	// Path of the file, absolute.
	Path string
	// Dir is the folder in which Python looks first when it runs the file:
	// that of the file, links resolved. "" means the folder of Path.
	Dir string
	// Roots are further folders in which Python may be told to look.
	Roots []string
	// Watch, if set, is told the path of each file that the answer depends on,
	// whether it exists or not, before it is looked at.
	Watch func(path string)
	// Flows, if set, gives the flows of the whole workspace, nil while they are
	// not known.
	Flows func() *Names
	// Subclassed, if set, reports whether another file builds on a class of this
	// one. It must not wait for long.
	Subclassed func(class string) bool
}

func (s *Site) dir() string {
	if s.Dir != "" {
		return s.Dir
	}
	return filepath.Dir(s.Path)
}

// Parse is the file itself, parsed at most once for all who ask the index;
// nil if there is none.
func (s *Site) Parse() (*text.Text, *syntax.AST, error) {
	f, err := s.Index.file(s.Path)
	if f == nil || err != nil {
		return nil, nil, err
	}
	return f.text, f.syntax(), nil
}
