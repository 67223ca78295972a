package server

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"flowls/analysis/text"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// A panic of the analysis costs the findings of that version, not the process;
// the next version is analysed from nothing.
func TestAnalysisPanicIsContained(t *testing.T) {
	reported := 0
	first := newParse(text.New([]byte("x = 1\n")), nil, func(string, any) { reported++ })
	if _, err := first.document(t.Context()); err != nil {
		t.Fatal(err)
	}
	intact := first.result
	first.result = nil // whoever builds on it panics
	bad := first.next(text.New([]byte("x = 2\n")), nil)
	d, err := bad.document(t.Context())
	first.result = intact
	if err != nil {
		t.Fatal(err)
	}
	if len(d.File.Flows) != 0 || len(d.Diagnostics) != 0 {
		t.Errorf("%+v", d)
	}
	good := bad.next(text.New([]byte("x = 3\n")), nil)
	if d, err = good.document(t.Context()); err != nil || string(d.Text.Bytes()) != "x = 3\n" {
		t.Errorf("%v %q", err, d.Text.Bytes())
	}
	for _, p := range []*parse{first, bad, good} {
		p.release()
	}
	if reported != 1 {
		t.Errorf("%d panics", reported)
	}
}

// Every version's syntax tree is given back once nobody can build on it, in
// whatever order versions are analysed, overtaken and dropped.
func TestParsesAreReleased(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	s := newSession()
	s.report = func(where string, panicked any) { t.Errorf("%s: %v", where, panicked) }
	const u = uri.URI("file:///w/a.py")
	var all []*parse
	var readers sync.WaitGroup
	d := s.open(u, 1, "from metaflow import FlowSpec\n")
	all = append(all, d.parse)
	for version := int32(2); version < 600; version++ {
		changed, _, err := s.change(u, version, []protocol.TextDocumentContentChangeEvent{
			&protocol.TextDocumentContentChangePartial{Text: "x = 1\n"}})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, changed.parse)
		for range random.IntN(3) { // some versions are never asked for, some late
			old := all[random.IntN(len(all))]
			readers.Go(func() {
				got, err := old.document(context.Background())
				if err != nil || string(got.Text.Bytes()) != string(old.source.Bytes()) {
					t.Errorf("analysed another text: %v", err)
				}
			})
		}
	}
	readers.Wait()
	s.close(u)
	deadline := time.Now().Add(20 * time.Second)
	for i, p := range all {
		for {
			p.mu.Lock()
			refs, prev := p.refs, p.prev
			p.mu.Unlock()
			if refs == 0 && prev == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("version %d still has %d references, prev %v", i+1, refs, prev != nil)
			}
			runtime.Gosched() // the last computation is letting go
		}
	}
}
