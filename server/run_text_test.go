package server

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func mapLine(then, now []string, line int) int { return newLineMap(then, now).line(line) }

func TestMapLine(t *testing.T) {
	then := strings.Fields("a b c d e f")
	for _, c := range []struct {
		now  string
		line int
		want int
	}{
		{"a b c d e f", 3, 3},
		{"x a b c d e f", 3, 4},
		{"a b c d e f x", 3, 3},
		{"a x b c y d e f", 3, 4},
		{"a b d e f", 3, 0},   // deleted
		{"a b C d e f", 3, 0}, // changed
		{"a b C d e f", 4, 4}, // its neighbour
		{"a c d e f", 3, 2},   // a line before it deleted
		{"d e f a b c", 3, 6}, // moved: the longer run that is kept decides …
		{"", 3, 0},
		{"a b c d e f", 0, 0},
		{"a b c d e f", 7, 0},
		{"a b c c d e f", 4, 5},
	} {
		now := strings.Fields(c.now)
		got := mapLine(then, now, c.line)
		if c.now == "d e f a b c" { // … either run is as long: the line is found or given up, never wrong
			if got != 0 && now[got-1] != then[c.line-1] {
				t.Errorf("moved: line %d", got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%q: line %d is now %d, want %d", c.now, c.line, got, c.want)
		}
	}
}

// Whatever was edited, a line that is found has the text that it had; and lines
// that no edit touched are found.
func TestMapLineRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var then []string
		for i := range 5 + r.IntN(60) {
			then = append(then, fmt.Sprintf("line %d", i))
			if r.IntN(4) == 0 {
				then = append(then, "pass") // repeated lines
			}
		}
		now := append([]string(nil), then...)
		for range r.IntN(6) {
			at := r.IntN(len(now))
			switch r.IntN(3) {
			case 0:
				now = append(now[:at:at], append([]string{"new"}, now[at:]...)...)
			case 1:
				now = append(now[:at:at], now[at+1:]...)
			default:
				now[at] = "changed"
			}
			if len(now) == 0 {
				break
			}
		}
		last := 0
		for i, text := range then {
			got := mapLine(then, now, i+1)
			if got == 0 {
				if text != "pass" && strings.Contains(strings.Join(now, "\n")+"\n", text+"\n") {
					t.Fatalf("%q is there and was not found", text)
				}
				continue
			}
			if now[got-1] != text || got <= last {
				t.Fatalf("%q became %q at %d (after %d)", text, now[got-1], got, last)
			}
			last = got
		}
	}
}

// Texts too large to align line by line still find the line by its text.
func TestMapLineLarge(t *testing.T) {
	var then, now []string
	for i := range 3000 {
		then = append(then, fmt.Sprint("then ", i))
		now = append(now, fmt.Sprint("now ", i))
	}
	then[1500], now[1600] = "raise X", "raise X"
	if got := mapLine(then, now, 1501); got != 1601 {
		t.Errorf("line %d", got)
	}
}
