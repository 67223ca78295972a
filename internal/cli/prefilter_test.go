package cli

import (
	"bytes"
	"os"
	"testing"

	"flowls/analysis"
	"flowls/internal/source"
	"flowls/internal/walk"
)

// Invariant: the look at the bytes never hides a flow that the analysis would find.
func TestPrefilterHidesNothing(t *testing.T) {
	files, flows := 0, 0
	for item := range walk.Files([]string{"../../testdata", "../../examples"}) {
		if item.Err != nil {
			t.Fatal(item.Err)
		}
		raw, err := os.ReadFile(item.Path)
		if err != nil {
			t.Fatal(err)
		}
		files++
		for _, src := range [][]byte{
			raw,
			bytes.ReplaceAll(raw, []byte("metaflow"), []byte("ours")),
			bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("metaflow"), []byte("ours")), []byte("FlowSpec"), []byte("Base")),
			bytes.ReplaceAll(raw, []byte("@step"), []byte("@  m.step")),
		} {
			doc := analysis.New(src)
			flows += len(doc.File.Flows)
			if found := len(doc.File.Flows) + len(doc.Diagnostics); found > 0 && !source.MayHoldFlow(src) {
				t.Errorf("%s: %d flows and findings are hidden", item.Path, found)
			}
			doc.Close()
		}
	}
	if files < 150 || flows < 300 {
		t.Errorf("only %d files with %d flows were tried", files, flows)
	}
}
