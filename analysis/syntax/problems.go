package syntax

import (
	"bytes"
	"slices"
	"sort"
	"strings"

	"flowls/analysis/text"
)

// collectProblems lists what is not valid Python: what the repair found, and
// what the grammar accepts although Python does not.
func (a *AST) collectProblems(t *Tree) {
	src := t.text.Bytes()
	if i := bytes.IndexByte(src, 0); i >= 0 {
		a.Problems = append(a.Problems, Problem{text.Span{Start: i, End: i + 1}, "Python source must not contain null bytes."})
	}
	if p, ok := badEncoding(src); ok {
		a.Problems = append(a.Problems, p)
	}
	if t.repaired != nil {
		a.Problems = append(a.Problems, t.repaired.problems...)
		if len(t.repaired.problems) == 0 {
			// The statements parse one by one but not together.
			if s, ok := treeError(t); ok {
				a.Problems = append(a.Problems, Problem{s, "This is not valid Python."})
			}
		}
	}
	a.Problems = append(a.Problems, partProblems(a.Part, 0, t.repaired)...)
	for _, c := range a.Part.parts {
		outer, atLineStart := a.indent(int(c.start))
		if atLineStart && c.part.bodyIndent != "" && !deeper(c.part.bodyIndent, outer) {
			start := int(c.start) + c.part.body
			a.Problems = append(a.Problems, Problem{text.Span{Start: start, End: start + 1}, "Tabs and spaces are mixed in this indentation."})
		}
		if atLineStart && c.part.def > 0 && c.part.defIndent != outer && !sameIndent(c.part.defIndent, outer) && len(c.part.problems) == 0 {
			start := int(c.start) + c.part.def
			a.Problems = append(a.Problems, Problem{text.Span{Start: start, End: start + len("def")}, "This indentation does not match the decorators above."})
		}
		for _, p := range c.part.problems {
			a.Problems = append(a.Problems, Problem{p.Span.Shift(int(c.start)), p.Message})
		}
	}
	sort.SliceStable(a.Problems, func(i, j int) bool { return a.Problems[i].Span.Start < a.Problems[j].Span.Start })
}

func treeError(t *Tree) (text.Span, bool) {
	s, ok := t.root().firstError()
	if s.Start == s.End {
		s.Start = max(0, s.Start-1)
	}
	return s, ok
}

// partProblems lists what is wrong in the nodes of p itself.
func partProblems(p *Part, base int, r *repaired) []Problem {
	v := visitor{part: p, base: base, repaired: r, starts: make([]int, 0, 1+strings.Count(p.Source, "\n"))}
	in := context{module: p.whole}
	if p.declares() {
		in.scope = &scope{used: map[string]bool{}}
	}
	v.visit(p.Root(), in)
	v.checkLines()
	return v.problems
}

type visitor struct {
	part     *Part
	base     int       // where the part starts
	repaired *repaired // what of the text was replaced
	problems []Problem
	starts   []int                // where statements, clauses and decorators begin, ascending
	occurs   map[string]text.Span // from the first to the last of a word, made on demand
	late     *int                 // from where on `from __future__` comes too late, made on demand
}

// context is what surrounds a node.
type context struct {
	loop, async, function, module bool

	comprehension bool   // where nothing can be yielded
	scope         *scope // none where names do not matter
}

func (v *visitor) visit(n Node, in context) {
	if check := strict[n.Kind()]; check != nil {
		check(v.part, n, &v.problems)
	}
	if beginsLine[n.Kind()] {
		v.starts = append(v.starts, n.Span().Start)
	}
	switch n.Kind() {
	case BreakStatement, ContinueStatement:
		if !in.loop {
			v.problem(n, "`"+n.Text()+"` outside of a loop.")
		}
	case ReturnStatement:
		if !in.function {
			v.problem(n, "`return` outside of a function.")
		}
	case Yield:
		v.checkYield(n, in)
	case Await:
		if !in.async {
			v.problem(n, "`await` outside of an `async def`.")
		}
	case WithStatement, ForStatement:
		if !in.async && n.hasToken("async") {
			start := n.Span().Start
			v.problems = append(v.problems, Problem{text.Span{Start: start, End: start + len("async")}, "`async` outside of an `async def`."})
		}
	case ListComprehension, SetComprehension, DictionaryComprehension:
		v.checkAsyncComprehension(n, in)
	case WildcardImport:
		if !in.module {
			v.problem(n, "`import *` is allowed only at the top level of a module.")
		}
	case FutureImportStatement:
		v.checkFuture(n)
	case TryStatement:
		v.checkHandlers(n)
	case GlobalStatement, NonlocalStatement:
		if in.scope != nil {
			v.checkDeclaration(n, in.scope)
		}
	}
	for c := range n.Children() {
		if inner, _ := c.Part(); inner != nil {
			if in.scope != nil {
				in.scope.used[inner.name()] = true
			}
			continue
		}
		if in.scope != nil {
			in.scope.note(n, c)
		}
		v.visit(c, in.below(n, c))
	}
}

// below is the context of a child.
func (in context) below(n, c Node) context {
	switch n.Kind() {
	case ForStatement, WhileStatement: // the else of a loop is outside of it
		in.loop = in.loop || c.Kind() == Block
	case FunctionDefinition:
		if c.Kind() != Block { // defaults belong outside
			in.scope = nil
			return in
		}
		inner := context{function: true, async: n.hasToken("async")}
		if in.scope != nil {
			inner.scope = in.scope.inner(n, c)
		}
		return inner
	case ClassDefinition:
		if c.Kind() != Block {
			in.scope = nil
			return in
		}
		inner := context{}
		if in.scope != nil {
			inner.scope = in.scope.inner(n, c)
		}
		return inner
	case Lambda:
		in.scope = nil
		if c.Field() == FieldBody {
			return context{function: true}
		}
	case ListComprehension, SetComprehension, DictionaryComprehension, GeneratorExpression:
		in.scope = nil
		in.comprehension = c.Field() == FieldBody
		in.async = in.async || n.Kind() == GeneratorExpression // what it awaits makes it an asynchronous generator
	}
	return in
}

// begins reports whether a statement, a clause or a decorator begins here.
func (v *visitor) begins(offset int) bool {
	_, found := slices.BinarySearch(v.starts, offset)
	return found
}

func (v *visitor) problem(n Node, message string) {
	v.problems = append(v.problems, Problem{n.Span(), message})
}

func (n Node) hasToken(token string) bool {
	for c := range n.Children() {
		if c.Kind() == Token && c.Text() == token {
			return true
		}
	}
	return false
}

// beginsLine holds the kinds that may stand first in a logical line.
var beginsLine = func() (set [256]bool) {
	set[Decorator], set[Error] = true, true
	for name, kind := range kindNames {
		for _, ending := range []string{"_statement", "_clause", "_definition"} {
			set[kind] = set[kind] || strings.HasSuffix(name, ending)
		}
	}
	return set
}()

// checkLines checks that every logical line begins a statement: the grammar
// reads over the end of a line where it still waits for a value.
func (v *visitor) checkLines() {
	at := 0
	for _, c := range append(v.part.parts, child{start: int32(len(v.part.Source)), part: &Part{}}) {
		v.checkGap(at, int(c.start))
		at = int(c.start) + len(c.part.Source)
	}
}

func (v *visitor) checkGap(from, to int) {
	if from >= to {
		return
	}
	if strings.Trim(v.part.Source[from:to], " \t\f\r\n") == "" {
		return // as between most functions
	}
	lines := logicalLines(v.part.Source[from:to])
	for _, l := range lines {
		if l.fault != nil {
			return // the grammar knows better
		}
	}
	for i, l := range lines {
		start := from + l.code
		if c := v.part.Source[start]; i == 0 && from > 0 || v.begins(start) || c == '\\' || c == ';' ||
			v.repaired.changed(text.Span{Start: v.base + start, End: v.base + from + l.end}) {
			continue
		}
		end := start
		if i > 0 {
			end = from + lines[i-1].end
		}
		v.problems = append(v.problems, Problem{text.Span{Start: max(0, end-1), End: end}, "Something is missing at the end of this line."})
	}
}

// checkIndent checks that the statements of a block begin at one column, which
// lies behind that of the statement that they belong to: the grammar lets a
// dedent end anywhere.
func (p *Part) checkIndent(block Node, list *[]Problem) {
	first, have := "", block.Kind() == Module
	for n := range block.Items() {
		start := n.Span().Start
		indent, atLineStart := p.indent(start)
		if !atLineStart {
			continue
		}
		if !have {
			first, have = indent, true
			continue
		}
		if indent != first && !sameIndent(indent, first) {
			*list = append(*list, Problem{p.restOfLine(n), "This indentation does not match the lines above."})
		}
	}
}

// checkNesting checks that the blocks of a compound statement are indented
// deeper than it, whatever a tab is worth.
func (p *Part) checkNesting(statement Node, list *[]Problem) {
	outer, atLineStart := p.indent(statement.Span().Start)
	if !atLineStart {
		return
	}
	for block := range statement.Items() {
		if block.Kind() != Block {
			continue
		}
		n := block.First()
		if inner, atLineStart := p.indent(n.Span().Start); atLineStart && n.Valid() && !deeper(inner, outer) {
			*list = append(*list, Problem{p.restOfLine(n), "Tabs and spaces are mixed in this indentation."})
		}
	}
}

func (p *Part) restOfLine(n Node) text.Span {
	s := n.Span()
	if i := strings.IndexAny(p.Source[s.Start:s.End], "\r\n"); i >= 0 {
		s.End = s.Start + i
	}
	return s
}

// indent is the white space between the start of the line and an offset; false
// if there is anything else, or the line starts before the part.
func (p *Part) indent(offset int) (string, bool) {
	i := offset
	for i > 0 {
		switch p.Source[i-1] {
		case ' ', '\t', '\f':
			i--
			continue
		case '\n', '\r':
			before := strings.TrimSuffix(strings.TrimSuffix(p.Source[:i], "\n"), "\r")
			if strings.HasSuffix(before, `\`) && !strings.Contains(before[strings.LastIndexAny(before, "\r\n")+1:], "#") {
				return "", false // the line goes on
			}
			return p.Source[i:offset], true
		}
		return "", false
	}
	return p.Source[:offset], p.whole
}

// deeper reports whether a block with that indent lies inside a statement with
// the other.
func deeper(inner, outer string) bool {
	if strings.HasPrefix(inner, outer) {
		return len(inner) > len(outer)
	}
	i8, i1 := columns(inner)
	o8, o1 := columns(outer)
	return i8 > o8 && i1 > o1
}

// sameIndent compares as CPython does: with tabs to multiples of eight and,
// against a mix of tabs and spaces, with tabs as one column.
func sameIndent(a, b string) bool {
	a8, a1 := columns(a)
	b8, b1 := columns(b)
	return a8 == b8 && a1 == b1
}

func columns(indent string) (eight, one int) {
	for _, c := range indent {
		switch c {
		case '\t':
			eight = (eight/8 + 1) * 8
			one++
		case '\f':
			eight, one = 0, 0
		default:
			eight++
			one++
		}
	}
	return eight, one
}
