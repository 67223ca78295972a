package analysis_test

import (
	"bytes"
	"sync"
	"testing"

	"flowls/analysis"
	"flowls/analysis/text"
)

const unknownTarget = `import metaflow as mf
from metaflow import FlowSpec as Base, step as s, retry

class G(Base):
    @s
    def start(self):
        self.x = 1
        self.next(self.fti)

    @retry(times=2)
    @mf.step
    def fit(self):
        self.next(self.end)

    @s
    def end(self): pass
`

func TestUnknownStep(t *testing.T) {
	d := analysis.New([]byte(unknownTarget))
	defer d.Close()
	if len(d.Diagnostics) != 1 {
		t.Fatalf("findings: %v, want one", d.Diagnostics)
	}
	got := d.Diagnostics[0]
	if got.Rule.Code != "MF107" || d.Text.Slice(got.Span) != "fti" || got.MetaflowLine != 8 || got.MetaflowCheck != "check_unknown_transitions" {
		t.Errorf("finding %+v", got)
	}
	fixed := d.Edit(got.Fixes[0].Edits)
	defer fixed.Close()
	if len(fixed.Diagnostics) != 0 {
		t.Errorf("after the fix: %v", fixed.Diagnostics)
	}
	broken := fixed.Edit([]text.Edit{{Span: text.Span{Start: got.Span.Start, End: got.Span.Start + 3}, New: "end"}})
	defer broken.Close()
	if len(broken.Diagnostics) != 1 || broken.Diagnostics[0].Rule.Code != "MF109" {
		t.Errorf("with fit unreachable: %v", broken.Diagnostics)
	}
}

// Two goroutines may edit the same document; the race detector watches what
// they share.
func TestEditsAtOnce(t *testing.T) {
	src := longFlow(200)
	base := analysis.New(src)
	defer base.Close()
	at := bytes.Index(src, []byte("hello"))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			d := base.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: "x"}})
			defer d.Close()
			if len(d.File.Flows) != 1 || len(d.File.Flows[0].Steps) != len(base.File.Flows[0].Steps) {
				t.Errorf("%d flows", len(d.File.Flows))
			}
		})
	}
	all.Wait()
}
