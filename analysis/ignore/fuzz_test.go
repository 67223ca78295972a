package ignore_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"flowls/analysis"
	"flowls/analysis/rule"
)

// FuzzIgnore: with the unused comments removed, a file still parses, none is
// unused any more, and everything else is found as before.
func FuzzIgnore(f *testing.F) {
	for _, comment := range []string{
		"", "# flowls: ignore", "#flowls:ignore[MF107]", "# flowls: ignore[MF107, MF108, nothing,]", "# a # flowls: ignore[MF1]# flowls: ignore-file[MF107] why",
		"## flowls: ignore [", "# flowls: ignore MF107 # noqa", "# flowls: ignore[MF003, MF107]", "\n# flowls: ignore-file\r\n# flowls: ignored",
	} {
		f.Add(comment, comment, comment)
	}
	f.Fuzz(func(t *testing.T, top, middle, last string) {
		src := []byte(top + "\nfrom metaflow import FlowSpec, step\nclass F(FlowSpec):\n    @step\n    def start(self):\n        x = [  " + middle +
			"\n        ]\n        self.next(self.fit)  " + last + "\n    @step\n    def end(self):\n        pass\n")
		if !utf8.Valid(src) || bytes.ContainsAny(src, "\x00") || bytes.Contains(src, []byte("coding")) {
			return // what is wrong with the bytes of a comment goes with it
		}
		d := analysis.New(src)
		defer d.Close()
		codes := func(d *analysis.Document) (others string, unused int) {
			var b strings.Builder
			for _, f := range d.Diagnostics {
				if f.Rule == rule.UnusedIgnore {
					unused++
					continue
				}
				b.WriteString(f.Rule.Code + " " + f.Message + "\n")
			}
			return b.String(), unused
		}
		before, unused := codes(d)
		if unused == 0 {
			return
		}
		fixed := analysis.New(removeAll(d))
		defer fixed.Close()
		after, left := codes(fixed)
		if left > 0 || after != before {
			t.Errorf("%q becomes %q: %d comments are unused; before\n%safter\n%s", src, fixed.Text.Bytes(), left, before, after)
		}
	})
}
