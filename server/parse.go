package server

import (
	"context"
	"sync"
	"sync/atomic"

	"flowls/analysis"
	"flowls/analysis/index"
	"flowls/analysis/text"
)

// parse is the analysis of one version of a file, computed at most once, when
// somebody asks for it. Versions that nobody asked for are never analysed: the
// next one starts from the last analysed version and takes their edits along.
//
// A parse keeps the one it builds on alive only until it is computed itself.
// The syntax tree of a parse (memory outside Go's heap) is needed only to build
// on it, so refs counts exactly that: the session holding it as the current
// version, successors not yet computed, and a computation reading it. At zero
// the tree is freed; the Go values stay readable.
type parse struct {
	source *text.Text
	site   siteOf // of a file that may import others; nil if it cannot
	number uint64 // grows from version to version
	report func(where string, panicked any)
	done   chan struct{} // closed once result is set
	result *analysis.Document
	failed bool // the analysis panicked: result is empty, nothing can build on it

	mu      sync.Mutex
	started bool
	prev    *parse      // nil when analysed from nothing, or once computed
	edits   []text.Edit // from prev to here
	refs    int
}

// parses counts the parses ever made.
var parses atomic.Uint64

// maxReplayed is the number of edits from which parsing anew is cheaper than
// telling the old tree about each of them.
const maxReplayed = 256

// newParse analyses from nothing. A panic of the analysis is reported; the
// document then counts as one without flows.
func newParse(t *text.Text, site siteOf, report func(where string, panicked any)) *parse {
	return &parse{source: t, site: site, number: parses.Add(1), report: report, done: make(chan struct{}), refs: 1}
}

// next is the parse of the text after edits. The caller owns one reference.
func (p *parse) next(t *text.Text, edits []text.Edit) *parse {
	p.retain()
	return &parse{source: t, site: p.site, number: parses.Add(1), report: p.report, done: make(chan struct{}), refs: 1, prev: p, edits: edits}
}

// document computes the analysis, or waits for whoever does.
func (p *parse) document(ctx context.Context) (*analysis.Document, error) {
	p.mu.Lock()
	if !p.started {
		p.started = true
		p.refs++ // the computation reads it
		go p.compute()
	}
	p.mu.Unlock()
	select {
	case <-p.done:
		return p.result, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// compute cannot be interrupted: a parser that was cancelled once must not be
// trusted again.
func (p *parse) compute() {
	base, edits := p.prev, p.edits
	var used []*parse
	for base != nil {
		used = append(used, base)
		if base.computed() {
			break
		}
		// The lock of base is enough: prev and edits change only when it is computed.
		base.mu.Lock()
		before, earlier := base.prev, base.edits
		if before != nil {
			before.retain()
		}
		base.mu.Unlock()
		if base.computed() { // in between
			if before != nil {
				before.release()
			}
			break
		}
		edits = append(append([]text.Edit(nil), earlier...), edits...)
		base = before
	}
	p.analyse(base, edits)
	close(p.done)
	// Forget prev before giving up the references: nobody may retain it after.
	p.mu.Lock()
	p.prev, p.edits = nil, nil
	p.mu.Unlock()
	for _, u := range used {
		u.release()
	}
	p.release()
}

// analyse sets the result: from that of base, if there is one, else from nothing.
func (p *parse) analyse(base *parse, edits []text.Edit) {
	defer func() {
		if r := recover(); r != nil {
			p.result, p.failed = emptyAnalysis(p.source), true
			p.report("analysis", r)
		}
	}()
	var site *index.Site
	if p.site != nil {
		site = p.site(p.number)
	}
	if base != nil && base.computed() && !base.failed && len(edits) <= maxReplayed {
		p.result = base.result.EditAt(p.source, site)
	} else {
		p.result = analysis.NewAt(p.source.Bytes(), site)
	}
}

func (p *parse) computed() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *parse) retain() {
	p.mu.Lock()
	p.refs++
	p.mu.Unlock()
}

func (p *parse) release() {
	p.mu.Lock()
	p.refs--
	free := p.refs == 0
	prev := p.prev
	if free {
		p.prev = nil
	}
	p.mu.Unlock()
	if !free {
		return
	}
	if p.computed() && !p.failed {
		p.result.Close()
	}
	if prev != nil { // dropped without ever being computed
		prev.release()
	}
}
