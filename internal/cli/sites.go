package cli

import (
	"os"
	"path/filepath"
	"strings"
	"sync"

	"flowls/analysis"
	"flowls/analysis/index"
	"flowls/analysis/text"
	"flowls/internal/source"
	"flowls/internal/workspace"
)

// sites analyses the files of one run with what they import from others. Each
// file is read and parsed once, also if many build on it.
type sites struct {
	folder string // the current one, "" if nobody knows
	disk   *workspace.Disk
	index  *index.Index

	mu    sync.Mutex
	roots map[string][]string // by folder
}

func newSites() *sites {
	s := &sites{disk: &workspace.Disk{Frozen: true}, roots: map[string][]string{}}
	s.index = index.New(s.disk)
	if folder, err := os.Getwd(); err == nil {
		s.folder = folder
	}
	return s
}

// at is where a file is, nil if that cannot be told.
func (s *sites) at(path string) *index.Site {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := filepath.Dir(abs)
	roots, known := s.roots[dir]
	if !known {
		roots = workspace.Roots(abs, []string{s.folder})
		s.roots[dir] = roots
	}
	return &index.Site{Index: s.index, Path: abs, Dir: workspace.Dir(abs), Roots: roots}
}

// read is the text of a file; the error says why there is none.
func (s *sites) read(path string) (*text.Text, error) {
	if site := s.at(path); site != nil {
		if t, err := s.disk.Read(site.Path); t != nil && err == nil {
			return t, nil
		}
	}
	src, err := source.ReadFile(path) // it knows the words
	if err != nil {
		return nil, err
	}
	return text.New(src), nil
}

// analyse is the analysis of a file that was read.
func (s *sites) analyse(path string, t *text.Text) *analysis.Document {
	if site := s.at(path); site != nil {
		if doc, err := analysis.Load(site); doc != nil && err == nil {
			return doc
		}
	}
	return analysis.New(t.Bytes())
}

// shown is an absolute path as a user who named the file like named would
// write it.
func (s *sites) shown(path, named string) string {
	if filepath.IsAbs(named) || s.folder == "" {
		return path
	}
	rel, err := filepath.Rel(s.folder, path)
	if err != nil || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return rel
}
