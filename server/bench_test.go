package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flowls/analysis/text"
	"flowls/server/fakeeditor"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// BenchmarkKeystroke is the time from a keystroke in the middle of a flow to
// its published diagnostics, through JSON-RPC on a pipe.
func BenchmarkKeystroke(b *testing.B) {
	for _, lines := range []int{100, 1000, 5000} {
		for _, state := range []string{"valid", "broken"} {
			benchmarkKeystroke(b, lines, state)
		}
	}
}

func benchmarkKeystroke(b *testing.B, lines int, state string) {
	b.Run(fmt.Sprintf("lines=%d/%s", lines, state), func(b *testing.B) {
		source := flowSource(lines / 8)
		if state == "broken" { // a call is not closed where one types
			at := strings.Index(source[len(source)/2:], "print(") + len(source)/2
			source = source[:at] + "self.next(self.\n        " + source[at:]
		}
		e := fakeeditor.Start(b, fakeeditor.Options{})
		buffer := e.Open("file:///w/bench.py", source)
		buffer.Diagnostics()
		at := strings.Index(source[len(source)/2:], "print(") + len(source)/2
		var times []time.Duration
		typed := 0
		for b.Loop() {
			edit := text.Edit{Span: text.Span{Start: at, End: at}, New: "x"}
			if typed == 8 { // do not let the word grow
				edit = text.Edit{Span: text.Span{Start: at, End: at + typed}}
				typed = -1
			}
			typed++
			begin := time.Now()
			buffer.Edit(edit)
			buffer.Diagnostics()
			times = append(times, time.Since(begin))
		}
		slices.Sort(times)
		b.ReportMetric(times[len(times)/2].Seconds()*1e3, "p50-ms")
		b.ReportMetric(times[len(times)*99/100].Seconds()*1e3, "p99-ms")
	})
}

// BenchmarkKeystrokeAmong is the same for a flow whose base is in another
// file, alone with it and in a workspace of a thousand files.
func BenchmarkKeystrokeAmong(b *testing.B) {
	for _, others := range []int{0, 1000} {
		b.Run(fmt.Sprintf("files=%d", others), func(b *testing.B) {
			dir := b.TempDir()
			for i := range others {
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("flow%d.py", i)), []byte(wholeBase), 0o644); err != nil {
					b.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, "base.py"), []byte(wholeBase), 0o644); err != nil {
				b.Fatal(err)
			}
			e := fakeeditor.Start(b, fakeeditor.Options{Folders: []string{dir}})
			e.Call(protocol.MethodWorkspaceSymbol, &protocol.WorkspaceSymbolParams{}, nil)
			buffer := e.Open(uri.File(filepath.Join(dir, "flow.py")), derived)
			buffer.Diagnostics()
			at := strings.Index(derived, "self.next")
			var times []time.Duration
			for b.Loop() {
				begin := time.Now()
				buffer.Edit(text.Edit{Span: text.Span{Start: at, End: at + len(times)%2}, New: " "[:1-len(times)%2]})
				buffer.Diagnostics()
				times = append(times, time.Since(begin))
			}
			slices.Sort(times)
			b.ReportMetric(times[len(times)/2].Seconds()*1e3, "p50-ms")
			b.ReportMetric(times[len(times)*99/100].Seconds()*1e3, "p99-ms")
		})
	}
}
