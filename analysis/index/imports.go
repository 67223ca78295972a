package index

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"flowls/analysis/flow"
)

// maxModules bounds how many modules are looked for to answer for one file.
const maxModules = 200

// imports finds modules as Python does when it runs one file as a script: in
// the folder of the file, then in the roots. Where the answer depends on how
// it is run, there is none. It is for one goroutine.
type imports struct {
	site  *Site
	count int
	tops  map[string]answer // of absolute imports, by the first part
	known map[string]*flow.Module
}

type answer struct {
	module *flow.Module
	err    error
}

// Importer finds the modules that the file of the site imports, and those that
// these import in turn.
func (s *Site) Importer() flow.Importer {
	return &imports{site: s, tops: map[string]answer{}, known: map[string]*flow.Module{}}
}

var errTooMany = errors.New("it takes too many files to find out")

func noModule(name string) error { return fmt.Errorf("the workspace has no module `%s`", name) }

// Import implements flow.Importer.
func (im *imports) Import(from *flow.Module, name string) (*flow.Module, error) {
	dotless := strings.TrimLeft(name, ".")
	if level := len(name) - len(dotless); level > 0 {
		return im.relative(from, name, level, dotless)
	}
	first, rest, _ := strings.Cut(name, ".")
	top, known := im.tops[first]
	if !known {
		top.module, top.err = im.top(first)
		im.tops[first] = top
	}
	if top.err != nil {
		return nil, top.err
	}
	return im.inside(top.module, name, rest)
}

func (im *imports) relative(from *flow.Module, name string, level int, dotless string) (*flow.Module, error) {
	if from.Path == "" {
		return nil, noModule(name)
	}
	dir := filepath.Dir(from.Path)
	for range level - 1 {
		dir = filepath.Dir(dir)
	}
	here, err := im.look(filepath.Dir(dir), filepath.Base(dir))
	if err != nil {
		return nil, err
	}
	if here == nil || len(here.Dirs) == 0 { // not a package itself
		here = flow.Namespace([]string{dir})
	}
	return im.inside(here, name, dotless)
}

// inside goes down from a package along a dotted name.
func (im *imports) inside(m *flow.Module, name, rest string) (*flow.Module, error) {
	for rest != "" {
		part, behind, _ := strings.Cut(rest, ".")
		sub, err := im.Submodule(m, part)
		if err != nil {
			return nil, err
		}
		if sub == nil {
			return nil, noModule(name)
		}
		m, rest = sub, behind
	}
	return m, nil
}

// Submodule implements flow.Importer.
func (im *imports) Submodule(of *flow.Module, name string) (*flow.Module, error) {
	if len(of.Dirs) == 0 {
		return nil, nil
	}
	if of.Dynamic() {
		return nil, fmt.Errorf("`%s` changes where Python looks for modules", filepath.Base(of.Path))
	}
	m, err := im.choose(of.Dirs[:1], of.Dirs[1:], name)
	return m, err
}

// Subclassed implements flow.Importer.
func (im *imports) Subclassed(class string) bool {
	return im.site.Subclassed != nil && im.site.Subclassed(class)
}

// top finds a module by the first part of an absolute name.
func (im *imports) top(name string) (*flow.Module, error) {
	var roots []string
	for _, root := range im.site.Roots {
		if root != im.site.dir() && !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	m, err := im.choose([]string{im.site.dir()}, roots, name)
	if m == nil && err == nil {
		err = noModule(name)
	}
	return m, err
}

// choose finds a module in folders: the sure ones come first, in order; of the
// others nobody knows the order, nor whether Python looks there, so that only
// one may have the module.
func (im *imports) choose(sure, others []string, name string) (*flow.Module, error) {
	var portions []string // folders without a file: all of them together are a package
	for _, dir := range sure {
		m, err := im.look(dir, name)
		switch {
		case err != nil:
			return nil, err
		case m != nil && m.Path != "" && portions == nil:
			return m, nil
		case m != nil:
			portions = append(portions, m.Dirs...)
		}
	}
	var found *flow.Module
	for _, dir := range others {
		m, err := im.look(dir, name)
		switch {
		case err != nil:
			return nil, err
		case m == nil:
		case m.Path == "":
			portions = append(portions, m.Dirs...)
		case found != nil && found.Path != m.Path:
			return nil, fmt.Errorf("there are several modules `%s`: `%s` and `%s`", name, found.Path, m.Path)
		default:
			found = m
		}
	}
	switch {
	case found != nil && portions != nil:
		return nil, fmt.Errorf("there are several modules `%s`: `%s` and `%s`", name, found.Path, portions[0])
	case found == nil && portions != nil:
		return flow.Namespace(portions), nil
	}
	return found, nil
}

// look finds a module in one folder: a package, a file, or a folder that may
// be part of a namespace.
func (im *imports) look(dir, name string) (*flow.Module, error) {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\:\x00") {
		return nil, nil
	}
	at := filepath.Join(dir, name)
	if m, known := im.known[at]; known {
		return m, nil
	}
	if im.count++; im.count > maxModules {
		return nil, errTooMany
	}
	m, err := im.read(filepath.Join(at, "__init__.py"), []string{at})
	if m == nil && err == nil {
		m, err = im.read(at+".py", nil)
	}
	if err != nil {
		return nil, err
	}
	if m == nil && im.site.Index.reader.IsDir(at) {
		m = flow.Namespace([]string{at})
	}
	im.known[at] = m
	return m, nil
}

func (im *imports) read(path string, dirs []string) (*flow.Module, error) {
	if im.site.Watch != nil {
		im.site.Watch(path)
	}
	f, err := im.site.Index.file(path)
	if err != nil {
		return nil, fmt.Errorf("`%s` %w", filepath.Base(path), err)
	}
	if f == nil {
		return nil, nil
	}
	return f.asModule(path, dirs), nil
}
