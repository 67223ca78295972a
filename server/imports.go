package server

import (
	"regexp"
	"strings"
	"sync"

	"flowls/analysis/text"
)

// imports is how a file gets at Metaflow, as far as writing another decorator needs it.
type imports struct {
	names  map[string]string // "retry" -> as what it is bound here
	module string            // "mf" of "import metaflow as mf"; "" if there is none
	star   bool              // from metaflow import *
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
		return regexp.MustCompile(`(?m)^from[ \t]+metaflow[ \t]+import[ \t]*(\(([^()]*)\)|[^\r\n(]*)`)
	})
	importMetaflow = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^import[ \t]+metaflow(?:[ \t]+as[ \t]+(\w+))?[ \t]*(?:#.*)?$`)
	})
	anyImport = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^(?:import|from)[ \t]`) })
	comment   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`#[^\r\n]*`) })
)

// importsOf reads the imports at the top level of a file.
func importsOf(source []byte) imports {
	im := imports{names: map[string]string{}}
	if loc := anyImport().FindIndex(source); loc != nil {
		im.first = loc[0]
	}
	if m := importMetaflow().FindSubmatch([]byte(strings.ReplaceAll(string(source), "\r", "\n"))); m != nil {
		if im.module = string(m[1]); im.module == "" {
			im.module = "metaflow"
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
func (im *imports) list(names string, at int, parentheses bool) {
	names = comment().ReplaceAllStringFunc(names, func(c string) string { return strings.Repeat(" ", len(c)) })
	names = strings.ReplaceAll(names, "\\", " ")
	end := 0
	for offset := 0; offset <= len(names); {
		part, _, _ := strings.Cut(names[offset:], ",")
		switch words := strings.Fields(part); {
		case len(words) == 1 && words[0] == "*":
			im.star = true
			return
		case len(words) == 1:
			im.names[words[0]] = words[0]
			end = offset + len(strings.TrimRight(part, " \t\r\n"))
		case len(words) == 3 && words[1] == "as":
			im.names[words[0]] = words[2]
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

// add imports one more name.
func (im *imports) add(name string) []text.Edit {
	if im.last != nil {
		return []text.Edit{{Span: text.Span{Start: *im.last, End: *im.last}, New: im.separator + name}}
	}
	return []text.Edit{{Span: text.Span{Start: im.first, End: im.first}, New: "from metaflow import " + name + "\n"}}
}

// canonical is Metaflow's name for a decorator as written here.
func (im *imports) canonical(written string) (string, bool) {
	if name, ok := strings.CutPrefix(written, im.module+"."); ok && im.module != "" {
		return name, true
	}
	for name, bound := range im.names {
		if bound == written {
			return name, true
		}
	}
	return written, im.star
}
