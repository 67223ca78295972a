package syntax

import (
	"strings"

	"flowls/analysis/text"
)

// futures are the features of all versions of Python.
var futures = map[string]bool{"nested_scopes": true, "generators": true, "division": true, "absolute_import": true, "with_statement": true,
	"print_function": true, "unicode_literals": true, "barry_as_FLUFL": true, "generator_stop": true, "annotations": true}

// checkFuture checks that only strings and imports of its sort stand before a
// `from __future__ import`, and that Python knows what it names.
func (v *visitor) checkFuture(n Node) {
	if v.late == nil {
		late := 0
		v.late = &late
		if v.part.whole {
			late = v.firstStatement()
		}
	}
	if n.Span().Start >= *v.late {
		v.problem(n, "`from __future__` imports must stand at the beginning of the file.")
		return
	}
	for c := range n.Items() {
		if c.Field() != FieldName {
			continue
		}
		if c.Kind() == AliasedImport {
			c = c.Child(FieldName)
		}
		if name := strings.TrimSpace(c.Text()); !futures[name] {
			v.problem(c, "`__future__` has no feature `"+name+"`.")
		}
	}
}

// firstStatement is where the first statement of the module stands that no
// `from __future__` can follow.
func (v *visitor) firstStatement() int {
	for c := range v.part.Root().Items() {
		first := c.First()
		docstring := c.Kind() == ExpressionStatement && (first.Kind() == String || first.Kind() == ConcatenatedString)
		span := c.Span()
		if c.Kind() != FutureImportStatement && !docstring && !v.repaired.changed(text.Span{Start: v.base + span.Start, End: v.base + span.End}) {
			return span.Start
		}
	}
	return len(v.part.Source)
}

// checkHandlers checks that an `except` without a class is the last one.
func (v *visitor) checkHandlers(n Node) {
	var bare Node
	for c := range n.Items() {
		if c.Kind() != ExceptClause {
			continue
		}
		if bare.Valid() {
			start := bare.Span().Start
			v.problems = append(v.problems, Problem{text.Span{Start: start, End: start + len("except")}, "An `except` without a class must be the last one."})
			return
		}
		header := text.Span{Start: v.base + c.Span().Start, End: v.base + c.Span().Start + len("except:")}
		if !c.Child(FieldValue).Valid() && !v.repaired.changed(header) {
			bare = c
		}
		if as := c.Child(FieldValue); as.Kind() == AsPattern {
			if target := as.Child(FieldAlias).First(); target.Valid() && target.Kind() != Identifier {
				v.problem(target, "The exception of an `except` needs a plain name.")
			}
		}
	}
}

func (v *visitor) checkYield(n Node, in context) {
	switch {
	case !in.function:
		v.problem(n, "`yield` outside of a function.")
	case in.comprehension:
		v.problem(n, "`yield` inside a comprehension.")
	case in.async && n.hasToken("from"):
		v.problem(n, "`yield from` inside an `async def`.")
	}
}

// checkAsyncComprehension checks the `async for` of a comprehension that is no
// generator, which may have one anywhere.
func (v *visitor) checkAsyncComprehension(n Node, in context) {
	for c := range n.Items() {
		if c.Kind() == ForInClause && c.hasToken("async") && !in.async {
			v.problem(c, "An asynchronous comprehension outside of an `async def`.")
			return
		}
	}
}
