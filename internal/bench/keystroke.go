package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// keystrokes types into a flow and waits for the diagnostics of each letter.
func keystrokes(ctx context.Context, e *env) ([]row, error) {
	// Below this is no keystroke, however little there is to analyse.
	const small = "from metaflow import FlowSpec, step\n\n\nclass A(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.s0)\n\n    @step\n    def s0(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n"
	way, err := typing(ctx, e, small, strings.Index(small, "s0)")+len("s0"), false)
	if err != nil {
		return nil, err
	}
	floor := median(way)
	var rows []row
	for _, lines := range []int{100, 1000, 5000} {
		src := generated("TypeFlow", lines)
		got, err := typing(ctx, e, src, place(src), false)
		if err != nil {
			return rows, err
		}
		bare := reparse(src)
		p50, p99 := quantile(got, 0.5), quantile(got, 0.99)
		r := row{
			what:     fmt.Sprintf("keystroke → published diagnostics, %d lines, p50 / p99", lines),
			measured: ms(p50) + " / " + ms(p99),
		}
		if lines == 1000 {
			r.goal, r.ok = "5 / 15 ms", p50 <= 5*time.Millisecond && p99 <= 15*time.Millisecond
		}
		ratio := float64(p50) / float64(median(bare))
		rows = append(rows, r, row{
			what:     "… against the bare reparse of the same edit",
			measured: fmt.Sprintf("%s: %.1f×", ms(median(bare)), ratio),
			goal:     "≤ 3×", ok: ratio <= 3,
		}, row{
			what:     "… of which the way through the pipe and back (a flow of 15 lines)",
			measured: fmt.Sprintf("%s: at least %.1f×", ms(floor), float64(floor)/float64(median(bare))),
		})
	}
	src, at := halfTyped(generated("TypeFlow", 1000))
	got, err := typing(ctx, e, src, at, true)
	if err != nil {
		return rows, err
	}
	p50, p99 := quantile(got, 0.5), quantile(got, 0.99)
	return append(rows, row{
		what:     "… in a call that is not closed yet (half-typed), 1,000 lines, p50 / p99",
		measured: ms(p50) + " / " + ms(p99),
		goal:     "5 / 15 ms", ok: p50 <= 5*time.Millisecond && p99 <= 15*time.Millisecond,
	}), nil
}

// halfTyped opens a second call before the one that keystrokes edit, and gives
// the place behind it.
func halfTyped(src string) (string, int) {
	const open = "self.next(self."
	at := strings.LastIndex(src[:place(src)], "self.next(")
	return src[:at] + open + "\n        " + src[at:], at + len(open)
}

// Each keystroke adds a letter to the target of a transition in the middle of
// the file, or takes it away: a diagnostic appears and vanishes.
const letter = "x"

func place(src string) int {
	middle := len(src) / 2
	next := middle + strings.Index(src[middle:], "self.next(self.s")
	return next + strings.IndexAny(src[next:], ",)")
}

// typing times keystrokes at an offset of a flow, which is broken all the time or never.
func typing(ctx context.Context, e *env, src string, at int, broken bool) ([]time.Duration, error) {
	dir, err := os.MkdirTemp(e.dir, "type")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "flow.py")
	if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
		return nil, err
	}
	c, err := spawn(ctx, e, dir)
	if err != nil {
		return nil, err
	}
	if _, err := c.initialize(dir); err != nil {
		return nil, err
	}
	if err := c.open(path, src); err != nil {
		return nil, err
	}
	uri := fileURI(path)
	if _, found, err := c.published(uri, 1); err != nil || (len(found) > 0) != broken {
		return nil, fmt.Errorf("after opening: %d diagnostics, %v; want any: %v", len(found), err, broken)
	}
	line := strings.Count(src[:at], "\n")
	column := at - 1 - strings.LastIndex(src[:at], "\n")
	var samples []time.Duration
	const warm, counted = 20, 400
	for i := range warm + counted {
		to, new := column, letter
		if i%2 == 1 {
			to, new = column+len(letter), ""
		}
		change := map[string]any{
			"textDocument": map[string]any{"uri": uri, "version": i + 2},
			"contentChanges": []any{map[string]any{
				"range": map[string]any{"start": pos(line, column), "end": pos(line, to)}, "text": new,
			}},
		}
		begin := time.Now()
		if err := c.notify("textDocument/didChange", change); err != nil {
			return nil, err
		}
		m, found, err := c.published(uri, i+2)
		if err != nil {
			return nil, err
		}
		if (len(found) > 0) != (broken || i%2 == 0) {
			return nil, fmt.Errorf("keystroke %d: %d diagnostics", i, len(found))
		}
		if i >= warm {
			samples = append(samples, m.at.Sub(begin))
		}
	}
	return samples, c.quit()
}

func pos(line, character int) map[string]int {
	return map[string]int{"line": line, "character": character}
}

// reparse times tree-sitter alone on the same keystrokes.
func reparse(src string) []time.Duration {
	at := place(src)
	tree := syntax.Parse(text.New([]byte(src)))
	var samples []time.Duration
	for i := range 420 {
		edit := text.Edit{Span: text.Span{Start: at, End: at}, New: letter}
		if i%2 == 1 {
			edit = text.Edit{Span: text.Span{Start: at, End: at + len(letter)}}
		}
		after := text.Apply(tree.Text(), []text.Edit{edit})
		begin := time.Now()
		next := tree.Edit(after, nil)
		if i >= 20 {
			samples = append(samples, time.Since(begin))
		}
		tree.Close()
		tree = next
	}
	tree.Close()
	return samples
}
