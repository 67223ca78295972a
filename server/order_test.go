package server_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/text"
	"flowls/server"
	"flowls/server/fakeeditor"

	"go.lsp.dev/protocol"
)

// orderEdits is how many edits the order test makes, over both encodings.
const orderEdits = 20_000

// snippets are what the order test types: pieces of flows, of broken Python and
// of text in which bytes, code points and UTF-16 units differ.
var snippets = []string{
	"a", "\n", "\r\n", "\r", "    ", "\t", "self.next(self.", "@step\n", "    def x(self):\n", "class F(FlowSpec):\n",
	"foreach='items'", "\"\"\"", "'", "\"", "(", ")", "{", "}", "#", "é", "😀", "\u0301", "日本", ",", ".", "@", "\\",
	"self.next({'a': self.b}, condition='c')", "\ufeff", "",
}

// TestOrder types at random, in bursts and with requests in between that let
// go of the read loop: afterwards the server has the editor's text, and what it
// analysed from edit to edit equals an analysis from nothing.
func TestOrder(t *testing.T) {
	for _, utf8 := range []bool{false, true} {
		t.Run(fmt.Sprint("utf8=", utf8), func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			e := fakeeditor.Start(t, fakeeditor.Options{UTF8: utf8})
			b := e.Open("file:///w/order.py", flowSource(8))
			done := make(chan error, 64)
			asked := 0
			for edits := 0; edits < orderEdits/2; {
				for range 1 + random.IntN(40) {
					var batch []text.Edit
					content := b.Text()
					for range 1 + random.IntN(3) {
						edit := randomEdit(random, content)
						content = content[:edit.Span.Start] + edit.New + content[edit.Span.End:]
						batch = append(batch, edit)
						edits++
					}
					b.Edit(batch...)
				}
				// Requests run beside the edits that follow.
				at := b.At(random.IntN(len(b.Text()) + 1))
				for _, method := range []string{protocol.MethodTextDocumentHover, protocol.MethodTextDocumentCompletion} {
					asked++
					go func() { done <- e.TryCall(method, &at, nil) }()
				}
				for ; asked > 16; asked-- {
					if err := <-done; err != nil {
						t.Fatal(err)
					}
				}
				if len(b.Text()) > 8_000 {
					b.Replace(flowSource(8))
				}
				if edits%50 < 5 {
					compare(t, e, b)
				}
			}
			for ; asked > 0; asked-- {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
			compare(t, e, b)
			b.Diagnostics()
			e.Discard(protocol.MethodTextDocumentPublishDiagnostics)
		})
	}
}

// randomEdit replaces up to 30 bytes of valid UTF-8 by a snippet.
func randomEdit(random *rand.Rand, content string) text.Edit {
	boundary := func(i int) int {
		for i < len(content) && i > 0 && content[i]&0xC0 == 0x80 {
			i++
		}
		// Positions cannot point between \r and \n.
		if i > 0 && i < len(content) && content[i-1] == '\r' && content[i] == '\n' {
			i++
		}
		return i
	}
	start := boundary(random.IntN(len(content) + 1))
	end := start
	if random.IntN(3) == 0 {
		end = boundary(min(len(content), start+random.IntN(30)))
	}
	return text.Edit{Span: text.Span{Start: start, End: end}, New: snippets[random.IntN(len(snippets))]}
}

func compare(t *testing.T, e *fakeeditor.Editor, b *fakeeditor.Buffer) {
	t.Helper()
	var got server.TestText
	call(t, e, "test/text", map[string]any{"uri": b.URI}, &got)
	if got.Text != b.Text() || got.Version != b.Version {
		t.Fatalf("version %d of the server differs from version %d of the editor:\n%q\n%q", got.Version, b.Version, got.Text, b.Text())
	}
	if got.Analysed != b.Text() {
		t.Fatal("the analysed text differs")
	}
	fresh := analysis.New([]byte(b.Text()))
	defer fresh.Close()
	if want := server.Describe(fresh); got.Description != want {
		t.Fatalf("analysed from edit to edit:\n%s\nfrom nothing:\n%s\ntext: %q", got.Description, want, b.Text())
	}
}

// flowSource is a valid flow of n linear steps.
func flowSource(n int) string {
	var b strings.Builder
	b.WriteString("from metaflow import FlowSpec, step, retry\n\n\nclass BigFlow(FlowSpec):\n")
	name := func(i int) string {
		switch i {
		case 0:
			return "start"
		case n - 1:
			return "end"
		}
		return fmt.Sprintf("step%d", i)
	}
	for i := range n {
		fmt.Fprintf(&b, "    @retry(times=%d)\n    @step\n    def %s(self):\n        \"\"\"Step number %d.\"\"\"\n", i%5, name(i), i)
		fmt.Fprintf(&b, "        self.value%d = [x * 2 for x in range(%d)]\n        print('value', self.value%d)\n", i, i, i)
		if i < n-1 {
			fmt.Fprintf(&b, "        self.next(self.%s)\n", name(i+1))
		}
		b.WriteString("\n")
	}
	return b.String()
}
