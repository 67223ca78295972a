// Package ignore applies the comments that silence findings: `# flowls: ignore`,
// `# flowls: ignore[MF201]` and `# flowls: ignore-file`.
package ignore

import (
	"strings"

	"flowls/analysis/rule"
	"flowls/analysis/syntax"
	"flowls/analysis/text"
	"flowls/internal/near"
)

// directive is one `flowls: ignore` of a comment.
type directive struct {
	note *syntax.Note
	span text.Span // from # to its last bracket or word
	// part is what goes with it when it is removed: up to the next # of the
	// comment, or to its end.
	part  text.Span
	file  bool // ignore-file
	codes []code
	all   bool // no list: every rule
	// wrong says why the directive silences nothing, "" if it is well-formed.
	wrong string
	// used: a directive without a list has silenced something.
	used bool
}

// code is one entry of a list.
type code struct {
	text.Span
	written  string
	selector rule.Selector
	known    bool // some rule fits it
	used     bool // it has silenced something
}

// parse reads the directives of a comment. Each begins a comment of its own:
// `# noqa  # flowls: ignore` holds one, `# see flowls: ignore` none.
func parse(t *text.Text, note *syntax.Note) []*directive {
	comment := t.Slice(note.Span)
	var found []*directive
	for at := 0; at < len(comment); {
		end := at + len(comment[at:]) - len(strings.TrimLeft(comment[at:], "#"))
		if next := strings.IndexByte(comment[end:], '#'); next >= 0 {
			end += next
		} else {
			end = len(comment)
		}
		if d := parsePart(comment[at:end], note.Span.Start+at); d != nil {
			d.note = note
			d.part = text.Span{Start: note.Span.Start + at, End: note.Span.Start + end}
			found = append(found, d)
		}
		at = end
	}
	return found
}

const blanks = " \t\f"

// parsePart reads what begins with # at base, nil if it is no directive.
func parsePart(part string, base int) *directive {
	rest := strings.TrimLeft(strings.TrimLeft(part, "#"), blanks)
	rest, ok := strings.CutPrefix(rest, syntax.Pragma)
	if !ok {
		return nil
	}
	rest = strings.TrimLeft(rest, blanks)
	word := rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"))]
	if !strings.HasPrefix(word, "ignore") {
		return nil
	}
	rest = rest[len(word):]
	d := &directive{file: word == "ignore-file"}
	end := func() int { return base + len(part) - len(rest) }
	d.span = text.Span{Start: base, End: end()}
	if word != "ignore" && !d.file {
		d.wrong = "`" + near.Short(word) + "` is not known, so nothing is ignored. Write `ignore` or `ignore-file`."
		return d
	}
	rest = strings.TrimLeft(rest, blanks)
	if !strings.HasPrefix(rest, "[") {
		d.all = true
		if first := strings.FieldsFunc(rest, func(r rune) bool { return r <= ' ' || r == ',' || r == ':' }); len(first) > 0 && likeCode(first[0]) {
			d.wrong = "Codes stand in brackets, so nothing is ignored. Write `" + word + "[" + first[0] + "]`."
		}
		return d
	}
	list, after, closed := strings.Cut(rest[1:], "]")
	start := end() + 1
	if !closed {
		d.span.End = base + len(strings.TrimRight(part, blanks))
		d.wrong = "The list of codes is never closed, so nothing is ignored. Add `]`."
		return d
	}
	rest = after
	d.span.End = end()
	for item := range strings.SplitSeq(list, ",") {
		written := strings.TrimSpace(item)
		if written != "" {
			at := start + len(item) - len(strings.TrimLeft(item, blanks))
			c := code{Span: text.Span{Start: at, End: at + len(written)}, written: written}
			c.selector, c.known = rule.ParseSelector(written)
			d.codes = append(d.codes, c)
		}
		start += len(item) + 1
	}
	return d
}

// likeCode reports whether a word behind `ignore` is meant as a code, not as prose.
func likeCode(word string) bool {
	rest, ok := strings.CutPrefix(strings.ToUpper(word), "MF")
	if _, known := rule.ParseSelector(word); ok && known || strings.Contains(word, "-") && known {
		return true
	}
	return ok && rest != "" && strings.Trim(rest, "0123456789") == ""
}

// silences reports whether the directive names a rule, and notes that it was needed.
func (d *directive) silences(r *rule.Rule) bool {
	if d.wrong != "" {
		return false
	}
	any := d.all
	d.used = d.used || d.all
	for i := range d.codes {
		if c := &d.codes[i]; c.known && c.selector.Weight(r) > 0 {
			c.used, any = true, true
		}
	}
	return any
}
