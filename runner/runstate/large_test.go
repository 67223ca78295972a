package runstate

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"

	"flowls/runner/preview"
)

// arrayHead is the pickle of a numpy array of doubles up to its data.
func arrayHead(rows, columns int32) string {
	shape := "J" + string(binary.LittleEndian.AppendUint32(nil, uint32(rows))) + "J" + string(binary.LittleEndian.AppendUint32(nil, uint32(columns))) + "\x86"
	size := string(binary.LittleEndian.AppendUint64(nil, uint64(rows)*uint64(columns)*8))
	return "\x80\x04cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01" + shape +
		"cnumpy\ndtype\n\x8c\x02f8\x89\x88\x87R(K\x03\x8c\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89\x8e" + size
}

// An array of 4 GB tells its shape and the beginning of its rows for the price
// of those: the file is stored as it is, and what is not needed is skipped.
func TestArrayOf4GB(t *testing.T) {
	b := newBlobDir(t)
	const rows, columns = 1 << 20, 1 << 9
	a := b.raw("array", func(w io.Writer) error {
		f := w.(*os.File) // sparse: its holes take no place
		head := arrayHead(rows, columns)
		_, err := f.WriteString(head)
		for _, row := range []int64{0, 1, 9} {
			_, err2 := f.WriteAt(binary.LittleEndian.AppendUint64(nil, math.Float64bits(float64(row)+0.5)), int64(len(head))+row*columns*8)
			err = errors.Join(err, err2)
		}
		_, err2 := f.WriteAt([]byte("tb."), int64(len(head))+rows*columns*8)
		return errors.Join(err, err2)
	})
	d, err := b.describe(a, Budget{Bytes: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if d.Partial || d.Kind != preview.Array || d.Summary != "ndarray 1048576×512 float64" || d.Table == nil {
		t.Fatalf("%+v", d)
	}
	for row, want := range map[int]string{0: "0.5", 1: "1.5", 2: "0.0", 9: "9.5"} {
		if got := d.Table.Rows[row][1]; got != want {
			t.Errorf("row %d: %s, want %s", row, got, want)
		}
	}
}

// Of a compressed one the beginning is looked at, which has the shape; all of
// it takes no more memory.
func TestCompressedArray(t *testing.T) {
	b := newBlobDir(t)
	const rows, columns = 1 << 15, 1 << 9
	zeros := make([]byte, columns*8)
	a := b.zipped("array", func(w io.Writer) error {
		_, err := io.WriteString(w, arrayHead(rows, columns))
		for range rows {
			_, err2 := w.Write(zeros)
			err = errors.Join(err, err2)
		}
		_, err2 := io.WriteString(w, "tb.")
		return errors.Join(err, err2)
	})
	var progress []int64
	for _, budget := range []Budget{{Bytes: 4 << 20}, {Progress: func(n int64) { progress = append(progress, n) }}} {
		d, err := b.describe(a, budget)
		if err != nil || d.Kind != preview.Array || d.Summary != "ndarray 32768×512 float64" || d.Table.Rows[9][1] != "0.0" || d.Partial != (budget.Bytes > 0) || d.Partial && d.Read > budget.Bytes {
			t.Errorf("%+v: %+v, %v", budget.Bytes, d, err)
		}
	}
	if n := len(progress); n < 64 || n > 160 || progress[n-1] < 100<<20 {
		t.Errorf("%d reports of progress: %v", n, progress)
	}
}

// What is read in part says so in its line.
func TestPartialList(t *testing.T) {
	b := newBlobDir(t)
	a := b.zipped("list", repeated("]", "("+strings.Repeat("K\x01", 1000)+"e", 5000, "."))
	d, err := b.describe(a, Budget{Bytes: 1 << 20})
	if err != nil || !d.Partial || !strings.HasPrefix(d.Short(), "[at least 52") {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err = b.describe(a, Whole); err != nil || d.Partial || d.Summary != "[5000000 items]" || *d.Length != 5_000_000 {
		t.Errorf("%+v, %v", d, err)
	}
}
