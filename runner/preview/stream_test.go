package preview

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"flowls/runner/pickle"
)

// slow hands out one byte at a time.
type slow struct{ source }

func (s slow) Read(p []byte) (int, error) { return iotest.OneByteReader(s.source).Read(p) }

// The answer does not depend on how the bytes arrive, nor on what is skipped for nothing.
func TestPieces(t *testing.T) {
	for file, list := range samples(t) {
		for _, s := range list {
			for _, src := range []pickle.Source{slow{source{Reader: bytes.NewReader(s.data)}}, source{bytes.NewReader(s.data), true}} {
				v, err := pickle.Stream(t.Context(), src, pickle.StreamLimits{Windows: Windows, Payload: 16 << 10})
				if err != nil {
					t.Errorf("%s, %s: %v", file, s.Name, err)
					continue
				}
				for _, wrong := range s.Expect.compare(Describe(v.Value)) {
					t.Errorf("%s, %s: %s", file, s.Name, wrong)
				}
			}
		}
	}
}

// checked fails the test where a description breaks its own bounds.
func checked(t *testing.T, what string, d *Description) {
	t.Helper()
	long := func(s string, max int) bool { return len(s) > max*utf8.UTFMax }
	if d.Kind == "" || d.Summary == "" || long(d.Summary, 300) || long(d.Short(), 120) || long(d.Value, maxValue+10) || long(d.Type, 2*maxName) ||
		len(d.Parts) > maxParts || len(d.Column) > maxColumns {
		t.Errorf("%s: %+v", what, d)
	}
	if d.Table != nil {
		if len(d.Table.Rows) > tableRows || len(d.Table.Columns) > tableCols+1 {
			t.Errorf("%s: a table of %d×%d", what, len(d.Table.Rows), len(d.Table.Columns))
		}
		for _, row := range d.Table.Rows {
			if len(row) != len(d.Table.Columns) {
				t.Errorf("%s: a row of %d cells under %d labels", what, len(row), len(d.Table.Columns))
			}
		}
	}
}

// Whatever beginning of a value was read, it is described, as itself.
func TestBeginnings(t *testing.T) {
	kinds := map[string]bool{DataFrame: true, Array: true, Series: true, Image: true, Tensor: true, Model: true, Dict: true, List: true, Object: true, Opaque: true, Text: true, Index: true, Scalar: true, Bytes: true}
	for file, list := range samples(t) {
		for _, s := range list {
			step := 1 + len(s.data)/97
			for n := 1; n < len(s.data); n += step {
				v, err := pickle.Stream(t.Context(), source{Reader: bytes.NewReader(s.data)}, pickle.StreamLimits{Windows: Windows, Bytes: int64(n)})
				if errors.Is(err, pickle.ErrLimit) {
					continue // nothing of it stood on the stack
				}
				if err != nil || v.Complete {
					t.Fatalf("%s, %s, %d bytes: %+v, %v", file, s.Name, n, v, err)
				}
				d := Describe(v.Value)
				d.Cut(v.Read)
				if checked(t, s.Name, d); !kinds[d.Kind] || !d.Partial || v.Read > int64(n) {
					t.Errorf("%s, %s, %d bytes: %+v", file, s.Name, n, d)
				}
			}
		}
	}
}

// The first block of a DataFrame tells the number of rows, and its first values.
func TestBeginningOfAFrame(t *testing.T) {
	found := 0
	for file, list := range samples(t) {
		for _, s := range list {
			if s.Name != "long" {
				continue
			}
			found++
			v, err := pickle.Stream(t.Context(), source{Reader: bytes.NewReader(s.data)}, pickle.StreamLimits{Windows: Windows, Bytes: 100_000})
			if err != nil || v.Complete {
				t.Fatalf("%s: %+v, %v", file, v, err)
			}
			d := Describe(v.Value)
			d.Cut(v.Read)
			if d.Kind != DataFrame || d.Summary != "DataFrame 20000×≥1" || d.Shape != nil || d.Table == nil || len(d.Table.Columns) != 2 || d.Table.Rows[0][1] != "1" || d.Column != nil {
				t.Errorf("%s: %+v, %+v", file, d, d.Table)
			}
		}
	}
	if found != 3 {
		t.Errorf("%d samples", found)
	}
}

// A value of which the container was cut says that there may be more.
func TestAtLeast(t *testing.T) {
	var data bytes.Buffer
	data.WriteString("\x80\x04]\x94")
	for range 100 {
		data.WriteString("(" + string(bytes.Repeat([]byte("K\x01"), 1000)) + "e")
	}
	data.WriteString(".")
	v, err := pickle.Stream(t.Context(), source{Reader: bytes.NewReader(data.Bytes())}, pickle.StreamLimits{Bytes: 50_000})
	if err != nil {
		t.Fatal(err)
	}
	d := Describe(v.Value)
	d.Cut(v.Read)
	if d.Short() != "[at least 24973 items]" || d.Length != nil {
		t.Errorf("%s, %v", d.Short(), d.Length)
	}
}

// A deadline that is over ends the reading of a large value, never that of a small one.
func TestDeadline(t *testing.T) {
	over := time.Now().Add(-time.Hour)
	list := func(n int) []byte {
		return []byte("]" + strings.Repeat("("+strings.Repeat("K\x01", 1000)+"e", n/1000) + ".")
	}
	for n, complete := range map[int]bool{100_000: true, 1_000_000: false} {
		for _, src := range []source{{bytes.NewReader(list(n)), false}, {bytes.NewReader(list(n)), true}} {
			v, err := pickle.Stream(t.Context(), src, pickle.StreamLimits{Deadline: over})
			if err != nil || v.Complete != complete || v.Read > 300<<10 {
				t.Errorf("%d items: %+v, %v", n, v, err)
			}
		}
	}
	payload := []byte("\x8e\x00\x00\x10\x00\x00\x00\x00\x00" + strings.Repeat("x", 1<<20) + ".")
	v, err := pickle.Stream(t.Context(), source{bytes.NewReader(payload), false}, pickle.StreamLimits{Deadline: over})
	if err != nil || !v.Complete && v.Read > 2<<20 || Describe(v.Value).Summary != "1048576 bytes" {
		t.Errorf("%+v, %v", v, err)
	}
}

func FuzzDescribe(f *testing.F) {
	for _, list := range samples(f) {
		for _, s := range list {
			if len(s.data) < 4096 {
				f.Add(s.data, int64(0))
				f.Add(s.data, int64(len(s.data)/2))
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, limit int64) {
		v, err := pickle.Stream(t.Context(), source{bytes.NewReader(data), limit%2 == 0}, pickle.StreamLimits{Windows: Windows, Keep: 20, Payload: 512, Bytes: max(limit, 0)})
		if err != nil {
			return
		}
		checked(t, "fuzzed", Describe(v.Value))
		whole, err := pickle.Read(t.Context(), data, pickle.Limits{Nodes: 20_000, Memo: 5000})
		if err == nil {
			checked(t, "fuzzed, whole", Describe(whole))
		}
	})
}
