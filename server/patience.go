package server

import (
	"time"

	"flowls/analysis/rule"

	"go.lsp.dev/uri"
)

// patience is how long a new finding away from the cursor waits for the author
// to go on typing. A transition that is written letter by letter means another
// thing at each of them, to every step behind it: only a pause says that this
// one is meant. What is found where one types, and what goes away, shows at once.
const patience = 500 * time.Millisecond

// typing is the last edit of a file.
type typing struct {
	at     time.Time
	offset int // in the text after the edit
}

// held leaves out of the findings of a document what has to wait, and tells for
// how long; 0 if nothing does. What stood there before stays.
func held(v *view, all []rule.Diagnostic, shown map[string]bool, last typing, now time.Time) ([]rule.Diagnostic, time.Duration) {
	wait := last.at.Add(patience).Sub(now)
	if wait <= 0 {
		return all, 0
	}
	kept := all[:0:0]
	for _, d := range all {
		if d.Rule.FromRun || shown[findingKey(d)] || v.near(d, last.offset) {
			kept = append(kept, d)
		}
	}
	if len(kept) == len(all) {
		return all, 0
	}
	return kept, wait
}

// near reports whether a finding is about the line or the step of an offset.
func (v *view) near(d rule.Diagnostic, offset int) bool {
	offset = min(offset, v.Text.Len())
	if line := v.Text.Line(offset); v.Text.Line(d.Span.Start) <= line && line <= v.Text.Line(d.Span.End) {
		return true
	}
	for _, f := range v.File.Flows {
		for _, s := range f.Steps {
			if s.Name == d.Step && f.Name == d.Flow && s.Span.Start <= offset && offset <= s.Span.End {
				return true
			}
		}
	}
	return false
}

// findingKey names a finding apart from where it stands.
func findingKey(d rule.Diagnostic) string {
	return d.Rule.Code + "\x00" + d.Flow + "\x00" + d.Step + "\x00" + d.Message
}

func findingKeys(all []rule.Diagnostic) map[string]bool {
	keys := make(map[string]bool, len(all))
	for _, d := range all {
		keys[findingKey(d)] = true
	}
	return keys
}

// typed remembers where a file was edited, and wakes.
func (d *diagnostics) typed(u uri.URI, offset int) {
	d.mu.Lock()
	d.edits[u] = typing{time.Now(), offset}
	d.mu.Unlock()
	d.wake(u)
}

// lastEdit is the last edit of a file; the zero value is none.
func (d *diagnostics) lastEdit(u uri.URI) typing {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.edits[u]
}

// settled forgets the last edit of a file if it is still that one.
func (d *diagnostics) settled(u uri.URI, last typing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.edits[u] == last {
		delete(d.edits, u)
	}
}
