package text_test

import (
	"math/rand"
	"slices"
	"testing"

	"flowls/analysis/text"
)

var samples = []string{"", "a", "\n", "a\nb", "a\r\nb\r\n", "a\rb\r", "é\n🙂x\n", "\r\n\r\n", "\r\r\n\n", "a\xffb\n\xf0\x9f", "\ufeffx\n"}

// lines is the plain model of Text's line index.
func lines(s string) []int {
	starts := []int{0}
	for i := range len(s) {
		if s[i] == '\n' || s[i] == '\r' && (i+1 == len(s) || s[i+1] != '\n') {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func check(t *testing.T, txt *text.Text, want string) {
	t.Helper()
	if got := string(txt.Bytes()); got != want {
		t.Fatalf("text %q, want %q", got, want)
	}
	starts := lines(want)
	got := make([]int, txt.LineCount())
	for i := range got {
		got[i] = txt.LineSpan(i).Start
	}
	if !slices.Equal(got, starts) {
		t.Fatalf("%q: line starts %v, want %v", want, got, starts)
	}
}

func TestLines(t *testing.T) {
	for _, s := range samples {
		check(t, text.New([]byte(s)), s)
	}
}

func TestPositions(t *testing.T) {
	txt := text.New([]byte("a🙂é\r\nx"))
	for _, c := range []struct {
		offset int
		enc    text.Encoding
		want   text.Position
	}{
		{5, text.UTF16, text.Position{Line: 0, Column: 3}},
		{5, text.CodePoints, text.Position{Line: 0, Column: 2}},
		{5, text.UTF8, text.Position{Line: 0, Column: 5}},
		{9, text.UTF16, text.Position{Line: 1, Column: 0}},
		{99, text.UTF16, text.Position{Line: 1, Column: 1}},
		{-1, text.UTF16, text.Position{}},
	} {
		if got := txt.Position(c.offset, c.enc); got != c.want {
			t.Errorf("Position(%d, %d) = %v, want %v", c.offset, c.enc, got, c.want)
		}
	}
	for _, c := range []struct {
		p    text.Position
		enc  text.Encoding
		want int
	}{
		{text.Position{Line: 0, Column: 2}, text.UTF16, 1}, // inside the pair
		{text.Position{Line: 0, Column: 99}, text.UTF16, 7},
		{text.Position{Line: 0, Column: 99}, text.UTF8, 7},
		{text.Position{Line: 9, Column: 0}, text.UTF16, 10},
		{text.Position{Line: -1, Column: 5}, text.UTF16, 0},
		{text.Position{Line: 1, Column: -1}, text.UTF16, 9},
	} {
		if got := txt.Offset(c.p, c.enc); got != c.want {
			t.Errorf("Offset(%v, %d) = %d, want %d", c.p, c.enc, got, c.want)
		}
	}
	if got := txt.Slice(text.Span{Start: 1, End: 5}); got != "🙂" {
		t.Errorf("Slice = %q", got)
	}
	if got := txt.Slice(text.Span{Start: 5, End: 1}); got != "" {
		t.Errorf("Slice of a reversed span = %q", got)
	}
	for s, want := range map[string]string{"": "\n", "a\rb": "\r", "a\r\nb\n": "\r\n", "a\nb": "\n"} {
		if got := text.New([]byte(s)).LineEnding(); got != want {
			t.Errorf("LineEnding(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestEditsAgainstModel(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 300 {
		model := samples[r.Intn(len(samples))]
		txt := text.New([]byte(model))
		for range 40 {
			a, b := r.Intn(len(model)+1), r.Intn(len(model)+1)
			if a > b {
				a, b = b, a
			}
			e := text.Edit{Span: text.Span{Start: a, End: min(b, a+4)}, New: samples[r.Intn(len(samples))]}
			model = model[:e.Span.Start] + e.New + model[e.Span.End:]
			txt = text.Apply(txt, []text.Edit{e})
			check(t, txt, model)
		}
	}
}

func FuzzPositionRoundTrip(f *testing.F) {
	for _, s := range samples {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		txt := text.New([]byte(s))
		check(t, txt, s)
		for _, enc := range []text.Encoding{text.UTF16, text.UTF8, text.CodePoints} {
			last := text.Position{}
			for offset := 0; offset <= len(s); offset++ {
				p := txt.Position(offset, enc)
				if p.Line < last.Line || p.Line == last.Line && p.Column < last.Column {
					t.Fatalf("positions go backwards at %d: %v after %v", offset, p, last)
				}
				last = p
				back := txt.Offset(p, enc)
				if back > offset || txt.Position(back, enc) != p && back != txt.LineSpan(p.Line).End {
					t.Fatalf("offset %d -> %v -> %d", offset, p, back)
				}
			}
		}
	})
}
