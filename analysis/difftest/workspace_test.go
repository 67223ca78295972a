package difftest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"flowls/analysis"
	"flowls/analysis/index"
	"flowls/internal/venv"
	"flowls/internal/workspace"
)

// TestWorkspaces compares flows that build on classes of other files.
func TestWorkspaces(t *testing.T) {
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(filepath.Join(root, "testdata", "workspaces", "*", ""))
	if err != nil {
		t.Fatal(err)
	}
	flows, refused := 0, 0
	for _, folder := range folders {
		roots := []string{folder, filepath.Join(folder, "src")}
		var files []string
		for _, file := range pythonFiles(t, folder) {
			if src, err := os.ReadFile(file); err != nil {
				t.Fatal(err)
			} else if bytes.Contains(src, []byte("__main__")) {
				files = append(files, file)
			}
		}
		if len(files) == 0 {
			continue // the README
		}
		verdicts, _ := metaflow(t, files, roots...)
		x := index.New(&workspace.Disk{Frozen: true})
		for i, v := range verdicts {
			if v.Error != "" || len(v.Flows) != 1 {
				t.Errorf("%s: %d flows %s", files[i], len(v.Flows), v.Error)
				continue
			}
			flows++
			if !v.Flows[0].OK {
				refused++
			}
			doc, err := analysis.Load(&index.Site{Index: x, Path: files[i], Roots: roots})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range doc.File.Flows {
				if f.Open {
					t.Errorf("%s: open: %s", files[i], f.OpenReason)
				}
			}
			for _, d := range compare(doc.File.Flows, doc.Diagnostics, v) {
				t.Errorf("%s: %s", files[i], d)
			}
			for _, d := range doc.Diagnostics {
				if d.Span.Foreign() || d.Span.End > doc.Text.Len() {
					t.Errorf("%s: %s has the span %v", files[i], d.Rule.Code, d.Span)
				}
			}
			doc.Close()
		}
	}
	if flows < 35 || refused < 25 {
		t.Errorf("only %d flows, %d of them refused", flows, refused)
	}
}
