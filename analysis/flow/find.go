package flow

import (
	"bytes"
	"path"
	"strings"
)

// Importer finds the modules of a workspace. A nil Importer knows none.
type Importer interface {
	// Import is the module of a dotted name, as the module from imports it;
	// leading dots count as in Python. The error completes the sentence "the
	// base class `X` cannot be looked up: …".
	Import(from *Module, name string) (*Module, error)
	// Submodule is a module inside of a package, nil if it has none of that name.
	Submodule(of *Module, name string) (*Module, error)
	// Subclassed reports whether another file builds on a class of the file that
	// is read. While nobody knows, none does.
	Subclassed(class string) bool
}

// maxHops bounds how many imports a name is followed through, one behind the
// other; a cycle of them ends there, too. maxTries bounds it for all names of a
// file and all ways that star imports open.
const (
	maxHops  = 16
	maxTries = 5000
)

const tooFar = "the import goes through too many files"

// finder follows names of one file through its imports.
type finder struct {
	imports Importer
	known   map[*class]ancestry
	tries   int
}

// find follows a name that the module from imports: to a class, or to a name
// of a library. Else why says what is missing.
func (fi *finder) find(from *Module, s symbol, hops int) (found symbol, why string) {
	root, _, _ := strings.Cut(s.name, ".")
	switch {
	case s.name == "":
		return s, "its value is not known before the file runs"
	case s.stars == nil && (root == "metaflow" || s.metaflow() != ""):
		return s, ""
	case hops <= 0 || fi.tries > maxTries:
		return s, tooFar
	case fi.imports == nil || from == nil:
		return s, "it is not in this file"
	case from.Dynamic() && !strings.HasPrefix(s.name, "."):
		return s, "`" + path.Base(from.Path) + "` changes where Python looks for modules"
	case from.broken:
		return s, "`" + path.Base(from.Path) + "` is not valid Python"
	case s.stars != nil:
		return fi.inStars(from, s, hops)
	}
	m, rest, err := fi.module(from, s)
	if err != nil {
		return s, err.Error()
	}
	if m == from { // a package that imports from itself means its submodules
		first, behind, _ := strings.Cut(rest, ".")
		sub, err := fi.imports.Submodule(m, first)
		if sub == nil || err != nil {
			return s, "`" + path.Base(from.Path) + "` imports from itself"
		}
		m, rest = sub, behind
	}
	return fi.member(m, rest, hops)
}

// module is the module that a name begins with, and the rest of the name.
func (fi *finder) module(from *Module, s symbol) (*Module, string, error) {
	if s.module != "" {
		m, err := fi.imports.Import(from, s.module)
		return m, strings.TrimPrefix(strings.TrimPrefix(s.name, s.module), "."), err
	}
	first, rest, _ := strings.Cut(s.name, ".")
	m, err := fi.imports.Import(from, first)
	for err == nil && rest != "" {
		part, behind, _ := strings.Cut(rest, ".")
		sub, subErr := fi.imports.Submodule(m, part)
		if sub == nil && subErr == nil {
			break
		}
		m, rest, err = sub, behind, subErr
	}
	return m, rest, err
}

// member is what a dotted name means in a module once that has run.
func (fi *finder) member(m *Module, name string, hops int) (symbol, string) {
	fi.tries++
	switch {
	case name == "":
		return symbol{}, "it is a module"
	case hops <= 0 || fi.tries > maxTries:
		return symbol{}, tooFar
	}
	if m.broken {
		return symbol{}, "`" + path.Base(m.Path) + "` is not valid Python"
	}
	first, rest, _ := strings.Cut(name, ".")
	end := m.end()
	_, bound := m.scope.latest(first, end)
	switch {
	case bound && m.scope.ambiguous(first, end):
		return symbol{}, "a condition in `" + path.Base(m.Path) + "` decides what it is"
	case bound:
		s := m.scope.resolve(name, end)
		if s.class != nil {
			return s, ""
		}
		return fi.find(m, s, hops-1)
	}
	sub, err := fi.imports.Submodule(m, first)
	switch {
	case err != nil:
		return symbol{}, err.Error()
	case sub != nil:
		return fi.member(sub, rest, hops-1)
	case m.scope.otherStar:
		return fi.inStars(m, symbol{name: name, stars: m.scope.stars}, hops-1)
	case m.scope.star:
		return symbol{name: "metaflow." + name}, ""
	case m.Path == "":
		return symbol{}, "there is no module `" + first + "` in its package"
	}
	return symbol{}, "`" + path.Base(m.Path) + "` defines no `" + first + "`"
}

// inStars looks through star imports; the last one that has the name wins.
func (fi *finder) inStars(from *Module, s symbol, hops int) (symbol, string) {
	first, _, _ := strings.Cut(s.name, ".")
	for i := len(s.stars) - 1; i >= 0; i-- {
		m, err := fi.imports.Import(from, s.stars[i])
		if err != nil {
			return s, err.Error()
		}
		if !m.exports(first) {
			continue
		}
		_, bound := m.scope.latest(first, m.end())
		if bound || m.scope.star || m.scope.otherStar {
			if found, why := fi.member(m, s.name, hops-1); why == "" || bound {
				return found, why
			}
		}
	}
	return s, "no star import brings it"
}

// metaflow is what Metaflow calls a name in a class body, also if files of the
// workspace pass it on; "" if it is not Metaflow's.
func (fi *finder) metaflow(c *class, name string, at int) string {
	s := c.body.resolve(name, at)
	if known := s.metaflow(); known != "" || fi.imports == nil || s.class != nil {
		return known
	}
	switch lastPart(s.name) {
	case "step", "Parameter", "IncludeFile", "Config":
		if found, why := fi.find(c.module, s, maxHops); why == "" {
			return found.metaflow()
		}
	}
	return ""
}

// end is an offset behind everything that the module does.
func (m *Module) end() int {
	if m.Text == nil {
		return m.Base
	}
	return m.Base + m.Text.Len() + 1
}

// exports reports whether a star import takes the name over, if it is bound.
func (m *Module) exports(name string) bool {
	if _, listed := m.scope.names["__all__"]; listed {
		quoted := func(q string) bool { return bytes.Contains(m.Text.Bytes(), []byte(q+name+q)) }
		return quoted(`"`) || quoted("'")
	}
	return !strings.HasPrefix(name, "_")
}
