package server

import (
	"strings"
	"testing"

	"flowls/runner/preview"
	"flowls/runner/runstate"
)

// A table of a value shows what it holds, whatever that means in Markdown.
func TestValueTable(t *testing.T) {
	d := &preview.Description{
		Kind: preview.DataFrame, Summary: "DataFrame 2×2", Partial: true, Read: 3_000_000,
		Column: []preview.Column{{Name: "a|b", Dtype: "int64"}, {Name: "<img>", Dtype: "str"}},
		Table:  &preview.Table{Columns: []string{"", "a|b", "<img>"}, Rows: [][]string{{"0", "1", "x|y\n`z`"}, {"1", "2", "[l](http://x)"}}},
	}
	var m markdown
	m.description(d)
	want := strings.Join([]string{
		"|  | a\\|b | \\<img\\> |", "|---|---|---|", "| 0 | 1 | x\\|y \\`z\\` |", "| 1 | 2 | \\[l\\](http://x) |",
		"", "a\\|b `int64`, \\<img\\> `str`", "", "From the first 3 MB of the value.",
	}, "\n")
	if m.String() != want {
		t.Errorf("got\n%s\nwant\n%s", m.String(), want)
	}
}

// Beside the code stands what a value is, and its size where that says something.
func TestHintLabels(t *testing.T) {
	for want, d := range map[string]*preview.Description{
		"DataFrame 1000×12 · 310 MB":  {Kind: preview.DataFrame, Summary: "DataFrame 1000×12"},
		"0.93":                        {Kind: preview.Scalar, Summary: "0.93"},
		"[8 items] · 310 MB":          {Kind: preview.List, Summary: "[8 items]"},
		"[1, 2]":                      {Kind: preview.List, Summary: "[1, 2]"},
		"[at least 8 items] · 310 MB": {Kind: preview.List, Summary: "[at least 8 items]", Partial: true},
		"Thing · 310 MB":              {Kind: preview.Opaque, Summary: "Thing"},
		"PNG 12×9 · 310 MB":           {Kind: preview.Image, Summary: "PNG 12×9"},
		"Point(x=1)":                  {Kind: preview.Object, Summary: "Point(x=1)"},
	} {
		if got := hintLabel(shownArtifact{runstate.Artifact{Type: "m.Thing", Size: 310_000_000}, d}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
