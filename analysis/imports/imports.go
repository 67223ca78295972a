// Package imports reads how a file gets at Metaflow, and adds one more name:
// what quick fixes and completion need that write a decorator or a type.
package imports

import (
	"regexp"
	"strings"
	"sync"

	"flowls/analysis/text"
)

// Imports is how a file gets at Metaflow.
type Imports struct {
	Names  map[string]string // "retry" -> as what it is bound here
	Module string            // "mf" of "import metaflow as mf"; "" if there is none
	Star   bool              // from metaflow import *
	// last is the end of the last name of a "from metaflow import", behind
	// which another may be added; nil if there is none.
	last *int
	// separator is what goes between that name and another.
	separator string
	// first is where a new import statement can be put.
	first int
}

var (
	fromMetaflow = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^from[ \t]+metaflow[ \t]+import[ \t]*(\(([^()]*)\)|(?:\\\r?\n|[^\r\n(;\\])*)`)
	})
	importMetaflow = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^import[ \t]+metaflow(?:[ \t]+as[ \t]+(\w+))?[ \t]*(?:#.*)?$`)
	})
	anyImport = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^(?:import|from)[ \t]`) })
	comment   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`#[^\r\n]*`) })
)

// Of reads the imports at the top level of a file.
func Of(source []byte) Imports {
	im := Imports{Names: map[string]string{}}
	if loc := anyImport().FindIndex(source); loc != nil {
		im.first = loc[0]
	}
	if m := importMetaflow().FindSubmatch([]byte(strings.ReplaceAll(string(source), "\r", "\n"))); m != nil {
		if im.Module = string(m[1]); im.Module == "" {
			im.Module = "metaflow"
		}
	}
	for _, loc := range fromMetaflow().FindAllSubmatchIndex(source, -1) {
		start, end := loc[2], loc[3]
		if loc[4] >= 0 {
			start, end = loc[4], loc[5]
		}
		im.list(string(source[start:end]), start, loc[4] >= 0)
	}
	return im
}

// list reads the names of one statement. Comments are blanked, so that offsets stay.
func (im *Imports) list(names string, at int, parentheses bool) {
	names = comment().ReplaceAllStringFunc(names, func(c string) string { return strings.Repeat(" ", len(c)) })
	names = strings.ReplaceAll(names, "\\", " ")
	end := 0
	for offset := 0; offset <= len(names); {
		part, _, _ := strings.Cut(names[offset:], ",")
		switch words := strings.Fields(part); {
		case len(words) == 1 && words[0] == "*":
			im.Star = true
			return
		case len(words) == 1:
			im.Names[words[0]] = words[0]
			end = offset + len(strings.TrimRight(part, " \t\r\n"))
		case len(words) == 3 && words[1] == "as":
			im.Names[words[0]] = words[2]
			end = offset + len(strings.TrimRight(part, " \t\r\n"))
		}
		offset += len(part) + 1
	}
	if end == 0 {
		return
	}
	position := at + end
	im.last, im.separator = &position, ", "
	// One name per line stays one name per line.
	if i := strings.LastIndexAny(names[:end], "\n\r"); parentheses && i >= 0 && !strings.Contains(names[i:end], ",") {
		line := names[i+1 : end]
		im.separator = ",\n" + line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	}
}

// Add imports one more name.
func (im *Imports) Add(name string) []text.Edit {
	if im.last != nil {
		return []text.Edit{{Span: text.Span{Start: *im.last, End: *im.last}, New: im.separator + name}}
	}
	return []text.Edit{{Span: text.Span{Start: im.first, End: im.first}, New: "from metaflow import " + name + "\n"}}
}

// Write is how a name of Metaflow's is written in this file, and the edits that
// import it if nothing does yet.
func (im *Imports) Write(name string) (written string, edits []text.Edit) {
	bound, known := im.Names[name]
	switch {
	case known:
		return bound, nil
	case im.Star:
		return name, nil
	case im.Module != "" && im.last == nil:
		return im.Module + "." + name, nil
	}
	return name, im.Add(name)
}

// Canonical is Metaflow's name for a decorator as written here.
func (im *Imports) Canonical(written string) (string, bool) {
	if name, ok := strings.CutPrefix(written, im.Module+"."); ok && im.Module != "" {
		return name, true
	}
	for name, bound := range im.Names {
		if bound == written {
			return name, true
		}
	}
	return written, im.Star
}
