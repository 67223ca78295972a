package index

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/text"
)

// Heir is a class statement with a base from another file.
type Heir struct {
	Module string // as written, with its dots; "" if a star import may bring it
	Name   string // of the base there
}

// Rename is another name that a file gives to what it imports.
type Rename struct{ New, Old string }

// heritage is what the class statements of a file say, read from the text
// alone: to parse each file of a workspace would take long, and of a base only
// the name is asked. What stands in a string may be taken for code; then a
// class is thought to have one more subclass.
type heritage struct {
	classes []string
	heirs   []Heir
	renames []Rename
}

var (
	classHead  = lazy(`^class[ \t]+(NAME)\s*(?:\[.*\]\s*)?(?:\((.*)\)\s*)?$`)
	dottedName = lazy(`NAME(?:\s*\.\s*NAME)*`)
	fromImport = lazy(`^from[ \t]*([.\pL\pN_\t ]+?)[ \t]*\bimport\b\s*\(?(.*)$`)
	plainAlias = lazy(`(?m)^(NAME)[ \t]*=[ \t]*(NAME(?:\.NAME)*)[ \t\r]*(?:#.*)?$`)
)

// lazy is a pattern that is compiled when it is needed; NAME is one of Python's.
func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(strings.ReplaceAll(pattern, "NAME", `[\pL_][\pL\pN_]*`))
	})
}

// readHeritage reads the class statements of a file.
func readHeritage(t *text.Text) heritage {
	var h heritage
	src := t.Bytes()
	if !bytes.Contains(src, []byte("class")) && !bytes.Contains(src, []byte(" as ")) {
		return h
	}
	var bases []string
	imported := map[string][]string{} // dotted names, by the name that they have here
	star := false
	for word, line := range statements(src) {
		switch word {
		case "class":
			if m := classHead().FindStringSubmatch(line); m != nil {
				h.classes = append(h.classes, m[1])
				for _, b := range dottedName().FindAllString(m[2], -1) {
					bases = append(bases, strings.Join(strings.Fields(b), ""))
				}
			}
		case "from":
			m := fromImport().FindStringSubmatch(line)
			if m == nil {
				continue
			}
			module := strings.Join(strings.Fields(m[1]), "")
			star = star || strings.Contains(m[2], "*")
			for name, as := range importedNames(m[2]) {
				imported[as] = append(imported[as], inModule(module, name))
				if as != name {
					h.renames = append(h.renames, Rename{as, name})
				}
			}
		case "import":
			for name, as := range importedNames(strings.TrimPrefix(line, "import")) {
				if as == name { // binds the package alone
					name, _, _ = strings.Cut(name, ".")
					as = name
				}
				imported[as] = append(imported[as], name)
			}
		}
	}
	h.follow(src, bases, imported, star)
	return h
}

// follow looks for the bases among what the file imports.
func (h *heritage) follow(src []byte, bases []string, imported map[string][]string, star bool) {
	aliases := sync.OnceValue(func() map[string]string {
		found := map[string]string{}
		for _, m := range plainAlias().FindAllSubmatch(src, -1) {
			found[string(m[1])] = string(m[2])
		}
		return found
	})
	for _, b := range bases {
		first, rest, _ := strings.Cut(b, ".")
		if imported[first] == nil && !slices.Contains(h.classes, first) && aliases()[first] != "" {
			var behind string
			first, behind, _ = strings.Cut(aliases()[first], ".")
			rest = strings.Trim(behind+"."+rest, ".")
		}
		for _, from := range imported[first] {
			if rest != "" {
				from = inModule(from, rest)
			}
			dot := strings.LastIndexByte(from, '.')
			module, name := from[:dot+1], from[dot+1:]
			if strings.Trim(module, ".") != "" {
				module = strings.TrimSuffix(module, ".")
			}
			h.add(Heir{module, name})
		}
		if star && imported[first] == nil && rest == "" && !slices.Contains(h.classes, first) {
			h.add(Heir{"", first})
		}
	}
}

func (h *heritage) add(heir Heir) {
	root, _, _ := strings.Cut(heir.Module, ".")
	if root != "metaflow" && heir.Name != "" && !slices.Contains(h.heirs, heir) {
		h.heirs = append(h.heirs, heir)
	}
}

// inModule is the dotted name of something in a module.
func inModule(module, name string) string {
	if strings.HasSuffix(module, ".") { // from . import name
		return module + name
	}
	return module + "." + name
}

// importedNames yields what a list of imports names, and how it is called here.
func importedNames(list string) func(yield func(name, as string) bool) {
	return func(yield func(name, as string) bool) {
		for one := range strings.SplitSeq(strings.Trim(list, "() \t"), ",") {
			words := strings.Fields(one)
			switch {
			case len(words) == 1 && words[0] != "*":
				if !yield(words[0], words[0]) {
					return
				}
			case len(words) == 3 && words[1] == "as":
				if !yield(words[0], words[2]) {
					return
				}
			}
		}
	}
}

// maxHead bounds the lines of one statement: of a text with a parenthesis that
// nobody closes the rest is no statement.
const maxHead = 100

// statements yields the class and import statements of a text, each as one
// line without comments; of a class up to its colon.
func statements(src []byte) func(yield func(word, line string) bool) {
	return func(yield func(word, line string) bool) {
		for len(src) > 0 {
			var line []byte
			line, src, _ = bytes.Cut(src, []byte("\n"))
			line = bytes.TrimLeft(line, " \t\f")
			word := keyword(line)
			if word == "" {
				continue
			}
			var whole strings.Builder
			for depth, n := 0, 0; ; n++ {
				line, _, _ = bytes.Cut(line, []byte("#"))
				line = bytes.TrimSpace(line)
				goesOn := bytes.HasSuffix(line, []byte(`\`))
				whole.Write(bytes.TrimSuffix(line, []byte(`\`)))
				whole.WriteByte(' ')
				depth += bytes.Count(line, []byte("(")) - bytes.Count(line, []byte(")"))
				if (depth <= 0 || word == "import") && !goesOn || len(src) == 0 || n == maxHead {
					break
				}
				line, src, _ = bytes.Cut(src, []byte("\n"))
			}
			one := whole.String()
			if word != "class" {
				one, _, _ = strings.Cut(one, ";")
			} else if colon := headEnd(one); colon >= 0 {
				one = one[:colon]
			}
			if !yield(word, strings.TrimSpace(one)) {
				return
			}
		}
	}
}

// headEnd is where the header of a class ends: its first colon outside of
// parentheses and brackets, -1 if it has none.
func headEnd(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ':':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// keyword is the word that a statement begins with, "" for a line that is none
// or no such statement. Prose is sorted out here: an open parenthesis in it
// would take the lines behind it along.
func keyword(line []byte) string {
	word, rest, found := bytes.Cut(line, []byte(" "))
	if tab := bytes.IndexByte(line, '\t'); tab >= 0 && (!found || tab < len(word)) {
		word, rest = line[:tab], line[tab+1:]
	}
	switch string(word) {
	case "import":
		return "import"
	case "from":
		if bytes.Contains(rest, []byte("import")) || bytes.HasSuffix(bytes.TrimSpace(rest), []byte(`\`)) {
			return "from"
		}
	case "class":
		rest = bytes.TrimLeft(rest, " \t")
		end := bytes.IndexAny(rest, " \t([:\\#\r")
		if end < 0 {
			return ""
		}
		if rest = bytes.TrimLeft(rest[end:], " \t"); len(rest) > 0 && bytes.IndexByte([]byte(`([:\`), rest[0]) >= 0 {
			return "class"
		}
	}
	return ""
}
