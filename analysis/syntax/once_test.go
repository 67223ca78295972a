package syntax

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"

	"flowls/analysis/text"
)

// A tree that is read once says what any tree says: of valid and broken text,
// small and large, and of text that needs far more memory than its size lets expect.
func TestOnce(t *testing.T) {
	body := "class F(FlowSpec):\n    @step\n    def start(self):\n        self.x = [f(a, b) for a in range(3)]\n        self.next(self.end)\n\n"
	sources := []string{
		"", "\n", body, strings.Repeat(body, 20), strings.Repeat(body, 2000), // the last is too large for an arena
		"x = (\n" + body, "def f(:\n  pass\n" + body + "self.next(self.\n", "'''", "if 1:\n" + strings.Repeat(" (", 300),
		strings.Repeat("[", 150) + strings.Repeat("]", 150), "x=" + strings.Repeat("-", 2000) + "1\n", strings.Repeat("a;", 5000) + "\n",
		strings.Repeat("print x\n", 300), strings.Repeat("match(x)\n", 300), "\xff\x00 = 1\r" + body,
	}
	var all sync.WaitGroup
	for round := range 3 { // arenas that were freed are used again, by any thread
		for i, src := range sources {
			all.Go(func() {
				input := text.New([]byte(src))
				once, kept := Once(input), Parse(input)
				defer kept.Close()
				if got, want := once.String(), kept.String(); got != want {
					t.Errorf("source %d, round %d: %.200s, want %.200s", i, round, got, want)
				}
				if got, want := once.AST(nil).Problems, kept.AST(nil).Problems; !slices.Equal(got, want) {
					t.Errorf("source %d, round %d: problems %v, want %v", i, round, got, want)
				}
				once.Shed()
				after := text.Apply(input, []text.Edit{{New: "y = 2\n"}})
				edited, fresh := once.Edit(after, nil), Parse(after)
				if got, want := edited.String(), fresh.String(); got != want {
					t.Errorf("source %d, round %d, after an edit: %.200s, want %.200s", i, round, got, want)
				}
				edited.Close()
				fresh.Close()
			})
		}
	}
	all.Wait()
}

func BenchmarkOnce(b *testing.B) {
	src := bytes.Repeat([]byte("def f(self):\n    self.x = [g(a) for a in range(3)]\n    return self.x\n\n"), 30)
	for name, parse := range map[string]func(*text.Text) *Tree{"kept": Parse, "once": Once} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				parse(text.New(src)).Close()
			}
		})
	}
}
