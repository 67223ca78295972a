package runstate

import (
	"slices"
	"strings"
	"testing"
)

func TestMflogLines(t *testing.T) {
	const id = "Z|runtime|0ed8c2c5-df49-4ecc-a264-e6d497512aa1]"
	tests := []struct{ name, data, want string }{
		{"plain", "[MFLOG|0|2026-11-22T10:25:15.357026" + id + "  hello\n", "15.357026   hello"},
		{"to be stored", "[![MFLOG|0|2026-11-22T10:25:15.000001" + id + "x]y", "15.000001 x]y"},
		{"no line end between two", "[MFLOG|0|2026-11-22T10:25:15.1" + id + "abc[MFLOG|0|2026-11-22T10:25:16.2" + id + "Task failed.", "15.100000 abc\n16.200000 Task failed."},
		{"quoted by the task", "[MFLOG|0|2026-11-22T10:25:15.1" + id + "see [MFLOG|0|no]", "15.100000 see [MFLOG|0|no]"},
		{"not a time", "[MFLOG|0|2026-13-22T10:25:15.1" + id + "abc", "? [MFLOG|0|2026-13-22T10:25:15.1" + id + "abc"},
		{"another version", "[MFLOG|1|2026-11-22T10:25:15.1" + id + "abc", "? [MFLOG|1|2026-11-22T10:25:15.1" + id + "abc"},
		{"cut header", "[MFLOG|0|2026-11-22T10:25:15.1Z|runt", "? [MFLOG|0|2026-11-22T10:25:15.1Z|runt"},
		{"no id", "[MFLOG|0|2026-11-22T10:25:15.1Z|runtime|]", "? [MFLOG|0|2026-11-22T10:25:15.1Z|runtime|]"},
		{"progress", "[MFLOG|0|2026-11-22T10:25:15.1" + id + "\r10%\r20%\n\nfoo", "15.100000 \r10%\r20%\n? \n? foo"},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		if got := printed(mflogLines(tt.data, "stdout", nil)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func printed(lines []LogLine) string {
	var out []string
	for _, l := range lines {
		at := "?"
		if !l.Time.IsZero() {
			at = l.Time.Format("05.000000")
		}
		out = append(out, at+" "+l.Text)
	}
	return strings.Join(out, "\n")
}

func TestMergeLines(t *testing.T) {
	const id = "Z|task|x]"
	lines := mflogLines("[MFLOG|0|2026-11-22T10:25:15.1"+id+"a\nbroken\n[MFLOG|0|2026-11-22T10:25:14.1"+id+"late\n[MFLOG|0|2026-11-22T10:25:15.2"+id+"c", "stdout", nil)
	lines = mflogLines("[MFLOG|0|2026-11-22T10:25:15.1"+id+"b\n[MFLOG|0|2026-11-22T10:25:15.15"+id+"between", "stderr", lines)
	mergeLines(lines)
	if got, want := printed(lines), "14.100000 late\n15.100000 a\n15.100000 b\n15.150000 between\n15.200000 c\n? broken"; got != want {
		t.Errorf("merged:\n%s\nwant\n%s", got, want)
	}
}

// No byte that was printed is lost, whatever the file holds.
func FuzzMflog(f *testing.F) {
	f.Add("[MFLOG|0|2026-11-22T10:25:15.357026Z|runtime|0ed8c2c5]hello\nplain\n[![MFLOG|0|2026-11-22T10:25:15.3Z|a|b]c")
	f.Add("[MFLOG|0|2026-11-22T10:25:15Z|a|b]x[MFLOG|0|2026-11-22T10:25:15Z|a|b][MFLOG|0|Z|")
	f.Add("[!\n[![MFLOG|0|]\n\r\n\xff")
	f.Fuzz(func(t *testing.T, data string) {
		lines := mflogLines(data, "stdout", nil)
		var each []LogLine
		for line := range strings.Lines(data) {
			line = strings.TrimSuffix(line, "\n")
			of := mflogLines(line, "stdout", nil)
			if line == "" {
				of = []LogLine{{Stream: "stdout"}}
			}
			last := of[len(of)-1]
			if !strings.HasSuffix(line, last.Text) || last.Time.IsZero() && (len(of) != 1 || last.Text != line) {
				t.Fatalf("%q became %+v", line, of)
			}
			each = append(each, of...)
		}
		if !slices.Equal(lines, each) {
			t.Fatalf("together %+v, one by one %+v", lines, each)
		}
		mergeLines(lines)
		for i := 1; i < len(lines); i++ {
			a, b := lines[i-1].Time, lines[i].Time
			if a.IsZero() && !b.IsZero() || !a.IsZero() && !b.IsZero() && b.Before(a) {
				t.Fatalf("%v stands before %v", a, b)
			}
		}
	})
}
