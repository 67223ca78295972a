package index_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/index"
	"flowls/analysis/index/indextest"
	"flowls/analysis/text"
)

// counting counts what is asked of a workspace.
type counting struct {
	indextest.Memory
	reads int
}

func (c *counting) Read(path string) (*text.Text, error) {
	c.reads++
	return c.Memory.Read(path)
}

// A keystroke asks for as many files, and allocates as much, among a thousand
// files as alone. Counts do not depend on how busy the machine is.
func TestKeystrokeAmongManyFiles(t *testing.T) {
	cost := func(others int) (reads int, bytes float64) {
		var source strings.Builder
		source.WriteString("-- f.py --\nfrom base import BaseFlow" + train + "-- base.py --\n" + baseFile)
		for i := range others {
			fmt.Fprintf(&source, "-- m%d.py --\n%s", i, baseFile)
		}
		c := &counting{Memory: files(source.String())}
		d := analysis.NewAt(c.Memory["/w/f.py"].Bytes(), &index.Site{Index: index.New(c), Path: "/w/f.py", Roots: []string{"/w"}})
		if d.File.Flows[0].Open {
			t.Fatal(d.File.Flows[0].OpenReason)
		}
		at := strings.Index(string(d.Text.Bytes()), "self.next")
		press := func() {
			next := d.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: " "}})
			d.Close()
			d = next
		}
		press()
		// The runtime allocates too, at times of its own: the least of several is ours.
		for range 5 {
			var before, after runtime.MemStats
			c.reads = 0
			runtime.ReadMemStats(&before)
			for range 20 {
				press()
			}
			runtime.ReadMemStats(&after)
			if took := float64(after.TotalAlloc - before.TotalAlloc); bytes == 0 || took < bytes {
				bytes = took
			}
		}
		d.Close()
		return c.reads, bytes
	}
	aloneReads, aloneBytes := cost(0)
	reads, bytes := cost(1000)
	if reads != aloneReads || reads > 20*4 || bytes > 1.2*aloneBytes {
		t.Errorf("among a thousand files: %d reads, %.0f bytes; alone: %d reads, %.0f bytes", reads, bytes, aloneReads, aloneBytes)
	}
}
