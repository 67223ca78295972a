package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
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

	mu     sync.Mutex
	around map[string]surroundings        // by folder
	names  map[string]func() *index.Names // by the top of a project
	bases  map[string]func() *index.Names // by the top of a project, or the folder of a file in none
	given  []string                       // folders that are checked
}

// surroundings are what the files of a folder have around them.
type surroundings struct {
	roots []string
	top   string // of the project
}

func newSites() *sites {
	s := &sites{
		disk: &workspace.Disk{Frozen: true}, around: map[string]surroundings{},
		names: map[string]func() *index.Names{}, bases: map[string]func() *index.Names{},
	}
	s.index = index.New(s.disk)
	if folder, err := os.Getwd(); err == nil {
		s.folder = folder
	}
	return s
}

// at is where a file is, nil if that cannot be told.
func (s *sites) at(path string) *index.Site {
	abs := s.absolute(path)
	if abs == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := filepath.Dir(abs)
	around, known := s.around[dir]
	if !known {
		around = surroundings{}
		around.roots, around.top = workspace.Around(abs, []string{s.folder})
		s.around[dir] = around
	}
	return &index.Site{
		Index: s.index, Path: abs, Dir: workspace.Dir(abs), Roots: around.roots, Flows: s.flows(around.top),
		Subclassed: func(class string) bool { return s.basesAround(abs, around.top)().Subclassed(abs, class) },
	}
}

// absolute is the whole path, "" if nobody knows it.
func (s *sites) absolute(path string) string {
	switch {
	case filepath.IsAbs(path):
		return filepath.Clean(path)
	case s.folder == "":
		return ""
	}
	return filepath.Join(s.folder, path)
}

// checks notes the folders among the paths: what is in them belongs together.
func (s *sites) checks(paths []string) {
	for _, p := range paths {
		if at := s.absolute(p); p != "-" && at != "" && isDir(p) {
			s.given = append(s.given, at)
		}
	}
}

// basesAround reads which classes others build on when the first class asks
// that its own file does not run: in the folders that are checked and the
// project around the file. Without any, in the folders from the file up to the
// current one, but not in all that is below them.
func (s *sites) basesAround(path, top string) func() *index.Names {
	key, paths := "", s.given
	switch {
	case top != "" && !slices.ContainsFunc(s.given, func(dir string) bool { return workspace.Within(top, dir) }):
		key, paths = top, append([]string{top}, s.given...)
	case len(s.given) == 0:
		key, paths = filepath.Dir(path), nil
		for dir := key; ; dir = filepath.Dir(dir) {
			paths = append(paths, workspace.Beside(dir)...)
			if dir == s.folder || !workspace.Within(dir, s.folder) {
				break
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bases[key] == nil {
		s.bases[key] = sync.OnceValue(func() *index.Names { return workspace.Bases(context.Background(), paths, s.disk.Read) })
	}
	return s.bases[key]
}

// flows reads the flows of the project around a file when the first rule asks;
// nil if nobody knows what belongs to it. The lock is held.
func (s *sites) flows(top string) func() *index.Names {
	if top == "" {
		return nil
	}
	if s.names[top] == nil {
		s.names[top] = sync.OnceValue(func() *index.Names {
			return workspace.Names(context.Background(), []string{top}, text.UTF8, s.disk.Read)
		})
	}
	return s.names[top]
}

// read is the text of a file, which may have a site; the error says why there
// is none.
func (s *sites) read(site *index.Site, path string) (*text.Text, error) {
	if site != nil {
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
func analyse(site *index.Site, t *text.Text) *analysis.Document {
	if site != nil {
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
