package syntax

import (
	"bytes"
	"regexp"
	"sort"
	"sync"

	"flowls/analysis/text"
)

// A text that does not parse is repaired before it is read: tree-sitter's own
// recovery can lose a whole class to one open bracket, and may differ between
// an incremental and a full parse. The repair finds the smallest statements
// that do not parse by themselves and puts placeholders in their place, so
// that everything else is read as if they were fine.

// repaired is a text with the wrong statements replaced.
type repaired struct {
	input    []byte
	gaps     []gap // insertions, by place
	problems []Problem
	touched  []text.Span // what was replaced, in the original text
}

// gap is text that stands only in the repaired text.
type gap struct{ at, size int }

// original maps an offset of the repaired text back.
func (r *repaired) original(offset int) int {
	if r == nil {
		return offset
	}
	shift := 0
	for _, g := range r.gaps {
		if offset <= g.at {
			break
		}
		shift += min(offset-g.at, g.size)
	}
	return offset - shift
}

// changed reports whether the repair replaced anything in a span of the original text.
func (r *repaired) changed(s text.Span) bool {
	if r == nil {
		return false
	}
	for _, t := range r.touched {
		if t.Start <= s.End && s.Start <= t.End {
			return true
		}
	}
	return false
}

type repairer struct {
	src     string
	lines   []line
	out     []byte // src with placeholders, of the same length
	inserts []insert
	result  *repaired
	known   func(string) bool   // statements that are known to parse
	good    map[string]struct{} // those that were seen this time
}

type insert struct {
	at   int
	text string
}

func repair(input []byte, known func(string) bool) (*repaired, map[string]struct{}) {
	r := &repairer{out: bytes.Clone(input), result: &repaired{}, known: known, good: map[string]struct{}{}}
	r.lines = logicalLines(string(input))
	r.blankComments()
	r.joinLines()
	r.blankDefaults()
	r.src = string(r.out)
	r.block(0, len(r.lines))
	sort.SliceStable(r.inserts, func(i, j int) bool { return r.inserts[i].at < r.inserts[j].at })
	at := 0
	for _, in := range r.inserts {
		r.result.input = append(r.result.input, r.out[at:in.at]...)
		r.result.gaps = append(r.result.gaps, gap{len(r.result.input), len(in.text)})
		r.result.input = append(r.result.input, in.text...)
		at = in.at
	}
	r.result.input = append(r.result.input, r.out[at:]...)
	sort.SliceStable(r.result.problems, func(i, j int) bool {
		return r.result.problems[i].Span.Start < r.result.problems[j].Span.Start
	})
	return r.result, r.good
}

// block repairs lines of one indentation and what is nested in them.
func (r *repairer) block(lo, hi int) {
	for i := lo; i < hi; {
		l := r.lines[i]
		if l.indent < r.lines[lo].indent {
			r.problem(text.Span{Start: l.code, End: l.end}, "This indentation fits no line above.")
		}
		j, base := i+1, i
		for ; j < hi; j++ {
			next := r.lines[j]
			if next.indent > l.indent {
				continue
			}
			if next.indent < l.indent || !clause(next.word) && (r.lines[base].word != "@" || !decorable(next.word)) {
				break
			}
			base = j
		}
		r.item(i, j)
		i = j
	}
}

// clause reports whether a word continues the compound statement before it.
func clause(word string) bool {
	switch word {
	case "else", "elif", "except", "finally":
		return true
	}
	return false
}

func decorable(word string) bool {
	switch word {
	case "@", "def", "class", "async":
		return true
	}
	return false
}

// item repairs one statement: lines i to j, with its decorators and clauses.
func (r *repairer) item(i, j int) {
	chunk := r.src[r.lines[i].code:r.lines[j-1].end]
	faulty := false
	for _, l := range r.lines[i:j] {
		faulty = faulty || l.fault != nil
	}
	// A class, or a long statement, is read part by part: parsing it only to
	// learn that something in it is wrong would cost more.
	whole := r.lines[i].word != "class" && j-i <= 100
	if _, good := r.good[chunk]; !faulty && whole && (good || r.known(chunk) || r.parses(i, chunk)) {
		r.good[chunk] = struct{}{}
		return
	}
	for k := i; k < j; {
		m := k + 1
		for m < j && r.lines[m].indent > r.lines[k].indent {
			m++
		}
		r.part(k, m, k > i)
		k = m
	}
}

// part repairs a decorator, or one clause with its body: line k and what is nested up to m.
func (r *repairer) part(k, m int, follows bool) {
	l := r.lines[k]
	header := r.src[l.code:l.end]
	switch {
	case l.word == "@":
		dangling := k+1 >= len(r.lines) || m != k+1 || r.lines[m].indent != l.indent || !decorable(r.lines[m].word)
		switch {
		case l.fault != nil || !parses(header+"\ndef f(): 0\n"):
			r.blank(l, ' ', "This decorator is not valid Python.")
		case dangling:
			r.blank(l, ' ', "A decorator must be followed by a `def` or a `class`.")
		}
		r.indented(k+1, m)
	case l.fault == nil && l.colon && parses(before(l.word, follows)+header+" 0\n"):
		if m == k+1 {
			r.problem(text.Span{Start: l.end - 1, End: l.end}, "An indented block is missing here.")
			r.insert(l.end, " 0")
			return
		}
		r.block(k+1, m)
	case m == k+1 && !r.named(header):
		r.blank(l, '_', "This is not valid Python.")
	case l.fault == nil && parses(header+"\n"):
		r.indented(k+1, m)
	default:
		r.header(k, m)
	}
}

// before is what must stand before a clause for it to parse by itself.
func before(word string, follows bool) string {
	switch {
	case word == "else" || word == "elif":
		if follows {
			return "if 1: 0\n"
		}
	case word == "except" || word == "finally":
		if follows {
			return "try: 0\n"
		}
	case word == "case":
		return "match 1:\n "
	case word == "match":
		return ""
	}
	return ""
}

var (
	defName    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:async[ \t]+)?def[ \t]+[\pL_][\pL\pN_]*`) })
	className  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^class[ \t]+[\pL_][\pL\pN_]*`) })
	classBases = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^class[ \t]+[\pL_][\pL\pN_]*[ \t]*\([ \t]*[\pL\pN_.]+(?:[ \t]*,[ \t]*[\pL\pN_.]+)*`)
	})
)

func (r *repairer) named(header string) bool {
	return defName().MatchString(header) || className().MatchString(header)
}

// header keeps as much as possible of a header that does not parse.
func (r *repairer) header(k, m int) {
	l := r.lines[k]
	header := r.src[l.code:l.end]
	body := ""
	if m == k+1 {
		body = " 0"
	}
	r.report(l, "This is not valid Python.")
	for _, ending := range []string{":", "):", "]:", "]):", ")):"} {
		if !l.colon && parses(header+ending+" 0\n") {
			r.insert(l.end, ending+body)
			r.block(k+1, m)
			return
		}
	}
	keep, ending := "", "if 1:"
	if s := defName().FindString(header); s != "" {
		keep, ending = s, "(self):"
	} else if s := classBases().FindString(header); s != "" {
		keep, ending = s, "):"
	} else if s := className().FindString(header); s != "" {
		keep, ending = s, ":"
	}
	r.erase(l.code+len(keep), l.end)
	r.insert(l.code+len(keep), ending+body)
	r.block(k+1, m)
}

// indented reports lines that are indented without a reason and takes them away.
func (r *repairer) indented(lo, hi int) {
	if lo >= hi {
		return
	}
	r.problem(text.Span{Start: r.lines[lo].code, End: r.lines[lo].end}, "This indentation is unexpected.")
	r.erase(r.lines[lo].code, r.lines[hi-1].end)
}

// blank reports a line and overwrites it: '_' makes a name of it, so that the
// statement keeps its place.
func (r *repairer) blank(l line, filler byte, message string) {
	r.report(l, message)
	r.erase(l.code, l.end)
	if filler == ' ' {
		return
	}
	for i := l.code; i < l.end; i++ {
		r.out[i] = filler
	}
}

func (r *repairer) erase(from, to int) {
	for i := from; i < to; i++ {
		if r.out[i] != '\n' && r.out[i] != '\r' {
			r.out[i] = ' '
		}
	}
	r.result.touched = append(r.result.touched, text.Span{Start: from, End: to})
}

func (r *repairer) insert(at int, s string) {
	r.inserts = append(r.inserts, insert{at, s})
	r.result.touched = append(r.result.touched, text.Span{Start: at, End: at})
}

func (r *repairer) problem(s text.Span, message string) {
	r.result.problems = append(r.result.problems, Problem{s, message})
}

// report tells what is wrong with a line, at the smallest place known.
func (r *repairer) report(l line, message string) {
	if l.fault != nil {
		r.problem(l.fault.Span, l.fault.Message)
		return
	}
	span := text.Span{Start: l.code, End: l.end}
	if found, ok := firstError(r.src[l.code:l.end] + "\n"); ok {
		found = found.Shift(l.code)
		found.Start, found.End = max(found.Start, l.code), min(found.End, l.end)
		if found.Start < found.End {
			span = found
		} else if found.Start >= l.end {
			span.Start = l.end - 1
		}
	}
	r.problem(span, message)
}

// parses reports whether a statement parses by itself, at its own indentation.
func (r *repairer) parses(i int, chunk string) bool {
	l := r.lines[i]
	if clause(l.word) {
		return false
	}
	if l.indent == 0 {
		return parses(chunk + "\n")
	}
	return parses("if 1:\n" + r.src[l.start:l.code] + chunk + "\n")
}

// firstError is the first place that the parser could not place.
func firstError(s string) (text.Span, bool) {
	tree := parseInput([]byte(s), sitterTree{}, true)
	defer tree.close()
	return tree.root().firstError()
}
