package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBoundedLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	b, err := openBounded(path, 4000)
	if err != nil {
		t.Fatal(err)
	}
	var whole strings.Builder
	read := int64(0)
	for i := range 2000 {
		line := fmt.Sprintf("line %d\n", i)
		whole.WriteString(line)
		b.write([]byte(line))
		if info, err := os.Stat(path); err != nil || info.Size() > 4000 {
			t.Fatalf("size %d, %v", info.Size(), err)
		}
		if i%7 != 0 {
			continue
		}
		// A reader that keeps up sees every line once.
		c, err := readLog(path, read, false)
		if err != nil {
			t.Fatal(err)
		}
		if want := whole.String()[read:]; c.Text != want || c.Next != int64(whole.Len()) {
			t.Fatalf("at line %d: got %q up to %d, want %q", i, c.Text, c.Next, want)
		}
		read = c.Next
	}
	if err := b.close(); err != nil {
		t.Fatal(err)
	}
	// One that comes late is told what is missing.
	c, err := readLog(path, 10, true)
	if err != nil || !c.Done || c.Next != int64(whole.Len()) {
		t.Fatalf("%+v, %v", c, err)
	}
	first, rest, _ := strings.Cut(c.Text, "\n")
	var missing int
	if _, err := fmt.Sscanf(first, "[flowls: %d bytes of output were dropped]", &missing); err != nil || whole.String()[10+missing:] != rest {
		t.Errorf("first line %q, then %d bytes", first, len(rest))
	}
}

func TestReadLogPieces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("one\ntwo\nhal"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		offset int64
		ended  bool
		want   Chunk
	}{
		{0, false, Chunk{"one\ntwo\n", 8, false}},
		{0, true, Chunk{"one\ntwo\nhal", 11, true}},
		{8, false, Chunk{"", 8, false}},
		{8, true, Chunk{"hal", 11, true}},
		{11, true, Chunk{"", 11, true}},
		{-5, false, Chunk{"one\ntwo\n", 8, false}},
		{1 << 40, true, Chunk{"one\ntwo\nhal", 11, true}},
	} {
		got, err := readLog(path, c.offset, c.ended)
		if err != nil || got != c.want {
			t.Errorf("readLog(%d, %v) = %+v, %v; want %+v", c.offset, c.ended, got, err, c.want)
		}
	}
	if got, err := readLog(path+".none", 3, false); err != nil || got != (Chunk{"", 3, false}) {
		t.Errorf("no file yet: %+v, %v", got, err)
	}
}

// Reading on while a run talks gives each line of both streams once and whole.
func TestReadLogOfALiveRun(t *testing.T) {
	f := newFixture(t)
	script := f.write("talk.py", "import sys\nfor i in range(3000):\n    print('out', i)\n    print('err', i, file=sys.stderr)\n")
	id := f.start(Spec{Flow: "T", Script: script}).ID
	var text strings.Builder
	var c Chunk
	until(t, "the log is read to its end", func() bool {
		var err error
		if c, err = f.ReadLog(id, c.Next); err != nil {
			t.Fatal(err)
		}
		text.WriteString(c.Text)
		return c.Done
	})
	for _, stream := range []string{"out", "err"} {
		next := 0
		for line := range strings.Lines(text.String()) {
			if rest, ok := strings.CutPrefix(line, stream+" "); ok {
				if rest != fmt.Sprintln(next) {
					t.Fatalf("%s: line %q, want number %d", stream, line, next)
				}
				next++
			}
		}
		if next != 3000 {
			t.Errorf("%s: %d lines", stream, next)
		}
	}
}
