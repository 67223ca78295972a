package difftest

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
	"flowls/internal/venv"
)

// TestNoFalseSyntaxErrors reads what Python reads, with lines broken wherever they can be.
func TestNoFalseSyntaxErrors(t *testing.T) {
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	out, err := venv.Output(filepath.Join(root, "analysis/difftest/testdata/reflow.py"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < 100 {
		t.Fatalf("%d files only", len(lines))
	}
	for _, line := range lines {
		var source string
		if err := json.Unmarshal([]byte(line), &source); err != nil {
			t.Fatal(err)
		}
		tree := syntax.Parse(text.New([]byte(source)))
		for _, p := range tree.AST(nil).Problems {
			t.Errorf("%s\n%s", p.Message, source[max(0, p.Span.Start-200):min(len(source), p.Span.End+80)])
			break
		}
		tree.Close()
	}
}
