package server_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"flowls/analysis/text"
	"flowls/server/fakeeditor"

	"go.lsp.dev/protocol"
)

const fanOut = `from metaflow import FlowSpec, step


class F(FlowSpec):
    @step
    def start(self):
        self.xs = [1, 2]
        self.next(self.work, foreach="xs")

    @step
    def work(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
`

func codes(found []protocol.Diagnostic) string {
	var list []string
	for _, d := range found {
		list = append(list, string(d.Code.(protocol.String)))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// What follows for other steps from a text that is just being typed shows
// after a pause; what stands where one types, and what is mended, at once.
func TestFindingsElsewhereWait(t *testing.T) {
	fakeeditor.Bubble(t, func(t *testing.T) {
		e := fakeeditor.Start(t, fakeeditor.Options{})
		b := e.Open("file:///w/a.py", fanOut)
		b.Diagnostics()
		expect := func(when, want string) {
			t.Helper()
			if got := codes(b.Diagnostics()); got != want {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
		keyword := strings.Index(fanOut, `, foreach="xs"`)
		b.Edit(text.Edit{Span: text.Span{Start: keyword, End: keyword + len(`, foreach="xs"`)}})
		expect("just without foreach", "")
		time.Sleep(400 * time.Millisecond)
		b.Edit(insert(keyword, " "))
		expect("still typing", "")
		time.Sleep(600 * time.Millisecond)
		expect("after a pause", "MF112")
		b.Edit(insert(0, "# a comment\n"))
		expect("what stood there stays", "MF112")
		keyword += len("# a comment\n")
		b.Edit(text.Edit{Span: text.Span{Start: keyword, End: keyword + 1}, New: "s"})
		expect("an unknown step where one types, which explains the other", "MF107")
		b.Edit(text.Edit{Span: text.Span{Start: keyword, End: keyword + 1}, New: `, foreach="xs"`})
		expect("mended", "")
		time.Sleep(time.Second)
		synctest.Wait()
		e.Close() // fails if anything else was published
	})
}
