package server_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"flowls/server/fakeeditor"

	"go.lsp.dev/protocol"
)

// workDone is the value of $/progress.
type workDone struct {
	Kind, Title, Message string
	Cancellable          bool
	Percentage           *int
}

func awaitProgress(t *testing.T, e *fakeeditor.Editor) (protocol.ProgressToken, workDone) {
	t.Helper()
	var p protocol.ProgressParams
	e.Await(protocol.MethodProgress, &p)
	var w workDone
	if err := json.Unmarshal(p.Value, &w); err != nil {
		t.Fatal(err)
	}
	return p.Token, w
}

// A progress begins, reports at a bounded rate without losing the last report,
// is cancelled by the user and ends; with the client's token or one of our own.
func TestProgress(t *testing.T) {
	for _, own := range []bool{true, false} {
		fakeeditor.Bubble(t, func(t *testing.T) {
			e := fakeeditor.Start(t, fakeeditor.Options{})
			raw, _ := json.Marshal(map[string]int{"Reports": 50})
			params := &protocol.ExecuteCommandParams{Command: "test.progress", Arguments: []protocol.LSPAny{raw}}
			if !own {
				params.WorkDoneToken = protocol.String("mine")
			}
			e.Call(protocol.MethodWorkspaceExecuteCommand, params, nil)
			token, w := awaitProgress(t, e)
			if w.Kind != "begin" || w.Title != "Test" || !w.Cancellable || (token == protocol.String("mine")) == own {
				t.Fatalf("token %v: %+v", token, w)
			}
			reports, last := 0, time.Time{}
			for w.Message != "report 49" {
				if _, w = awaitProgress(t, e); w.Kind != "report" || w.Percentage == nil {
					t.Fatalf("%+v", w)
				}
				if since := time.Since(last); reports > 0 && since < 100*time.Millisecond {
					t.Errorf("report after %v", since)
				}
				reports, last = reports+1, time.Now()
			}
			// 50 reports in 500 ms, at most one per 150 ms.
			if reports > 6 {
				t.Errorf("%d reports", reports)
			}
			e.Notify(protocol.MethodWindowWorkDoneProgressCancel, &protocol.WorkDoneProgressCancelParams{Token: token})
			if _, w = awaitProgress(t, e); w.Kind != "end" || w.Message != "cancelled" {
				t.Errorf("%+v", w)
			}
			e.Close()
		})
	}
}

// A client that shows no progress gets none, and the work goes on.
func TestProgressNotSupported(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{Capabilities: func(c *protocol.ClientCapabilities) { c.Window = nil }})
	execute(t, e, "test.progress", map[string]int{"Reports": 3}, nil)
}

// Diagnostics of versions that were overtaken are not published: the last one is.
func TestDiagnosticsCoalesce(t *testing.T) {
	fakeeditor.Bubble(t, func(t *testing.T) {
		e := fakeeditor.Start(t, fakeeditor.Options{})
		b := e.Open("file:///w/a.py", flowSource(3))
		synctest.Wait()
		b.Diagnostics()
		for range 50 {
			b.Edit(insert(0, "\n"))
		}
		synctest.Wait()
		if got := b.Diagnostics(); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		b.Close()
		var p protocol.PublishDiagnosticsParams
		e.Await(protocol.MethodTextDocumentPublishDiagnostics, &p)
		if _, versioned := p.Version.Get(); versioned || len(p.Diagnostics) != 0 {
			t.Errorf("after closing: %+v", p)
		}
		synctest.Wait()
		e.Close() // fails if anything was published after closing
	})
}

// Findings are published again after each change even if they are the same:
// editors have moved the old ones.
func TestDiagnosticsAreRepublished(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	b := e.Open("file:///w/a.py", "from metaflow import FlowSpec\nclass F(FlowSpec):\n    pass\n")
	if got := b.Diagnostics(); len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	b.Edit(insert(len(b.Text()), "# end\n"))
	got := b.Diagnostics()
	if len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	d := got[0]
	if source, _ := d.Source.Get(); source != "flowls" || d.Severity != protocol.DiagnosticSeverityError ||
		len(d.Data) == 0 {
		t.Errorf("%+v", d)
	}
}

func TestHugeDocument(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	huge := make([]byte, 9<<20)
	for i := range huge {
		huge[i] = "# text\n"[i%7]
	}
	b := e.Open("file:///w/huge.py", string(huge))
	got := b.Diagnostics()
	if len(got) != 1 || got[0].Severity != protocol.DiagnosticSeverityInformation {
		t.Fatalf("%+v", got)
	}
	b.Replace(flowSource(3)) // small enough: analysed again
	if got := b.Diagnostics(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	b.Edit(insert(0, string(huge)))
	if got := b.Diagnostics(); len(got) != 1 {
		t.Errorf("%+v", got)
	}
}
