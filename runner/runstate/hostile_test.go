package runstate

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"flowls/runner/preview"
	"flowls/runner/store"
)

// blobDir is a data store that a test fills.
type blobDir struct {
	store.Blobs
	t   *testing.T
	dir string
}

func newBlobDir(t *testing.T) blobDir {
	root := t.TempDir()
	return blobDir{store.NewLocal(root, "F"), t, filepath.Join(root, "F", "data")}
}

// path makes place for a blob.
func (b blobDir) path(name string) (Artifact, string) {
	b.t.Helper()
	sum := sha1.Sum([]byte(name))
	key := hex.EncodeToString(sum[:])
	path := filepath.Join(b.dir, key[:2], key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.t.Fatal(err)
	}
	return Artifact{Name: name, Type: "x.Thing", SHA: key}, path
}

func (b blobDir) raw(name string, write func(io.Writer) error) Artifact {
	b.t.Helper()
	a, path := b.path(name)
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(write(f), f.Close(), os.WriteFile(path+"_meta", []byte(`{"cas_raw": true, "cas_version": 1}`), 0o600))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

func (b blobDir) zipped(name string, write func(io.Writer) error) Artifact {
	b.t.Helper()
	a, path := b.path(name)
	f, err := os.Create(path)
	if err != nil {
		b.t.Fatal(err)
	}
	z, _ := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err := errors.Join(write(z), z.Close(), f.Close()); err != nil {
		b.t.Fatal(err)
	}
	return a
}

func literal(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// repeated writes n copies between a beginning and an end.
func repeated(begin, s string, n int, end string) func(io.Writer) error {
	return func(w io.Writer) error {
		block := strings.Repeat(s, 1000)
		if _, err := io.WriteString(w, begin); err != nil {
			return err
		}
		for i := 0; i < n; i += 1000 {
			if _, err := io.WriteString(w, block); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, end)
		return err
	}
}

// maxMemory is what looking at any value may allocate, all in all.
const maxMemory = 64 << 20

// describe fails the test if describing took more memory than any value may.
func (b blobDir) describe(a Artifact, budget Budget) (*preview.Description, error) {
	b.t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := DescribeBlob(b.t.Context(), b.Blobs, a, budget)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > maxMemory {
		b.t.Errorf("%s: %d MB were allocated", a.Name, n>>20)
	}
	return d, err
}

// Pickles that mean harm cost little, run nothing, and say what they are.
func TestHostilePickles(t *testing.T) {
	b := newBlobDir(t)
	owned := filepath.Join(t.TempDir(), "owned")
	quoted := "S'touch " + owned + "'\n"
	long := func(n uint64) string { return string(binary.LittleEndian.AppendUint64(nil, n)) }
	for name, c := range map[string]struct {
		write    func(io.Writer) error
		kind     string // of the description, if there is one
		contains string // of summary or error
	}{
		"os.system":             {literal("cos\nsystem\n(" + quoted + "tR."), preview.Object, "system("},
		"os.system in a list":   {literal("](cos\nsystem\n(" + quoted + "tRe."), preview.List, "system"},
		"eval by state":         {literal("c__builtin__\neval\n(" + quoted + "tR}" + quoted + quoted + "sb."), preview.Object, "eval"},
		"inst":                  {literal("(" + quoted + "ios\nsystem\n."), preview.Object, "system"},
		"nested":                {repeated("", "]", 1_000_000, strings.Repeat("a", 999_999)+"."), "", ""},
		"nested tuples":         {repeated("N", "\x85", 1_000_000, "."), preview.List, ""},
		"nested dicts":          {repeated("", "}N", 1_000_000, strings.Repeat("s", 999_999)+"."), "", ""},
		"nested objects":        {repeated("cm\nC\n", ")\x81}N", 100_000, "."), "", ""},
		"marks":                 {repeated("", "(", 3_000_000, "."), "", ""},
		"memo":                  {repeated("N", "\x94", 5_000_000, "."), preview.Scalar, "None"},
		"memo of strings":       {repeated("](", "\x8c\x20"+strings.Repeat("x", 32)+"\x94", 1_000_000, "e."), preview.List, "items]"},
		"cyclic":                {literal("]\x94h\x00a."), preview.List, "[[...]]"},
		"cyclic tuple":          {literal("](h\x00tp0\n0g0\n."), "", "memo"},
		"cyclic object":         {literal("cm\nC\n)\x81p0\n}S'a'\ng0\nsb."), preview.Object, "C("},
		"frame claims 2^60":     {literal("\x80\x04\x95" + long(1<<60) + "N."), preview.Scalar, "None"},
		"string claims 2^60":    {literal("\x8d" + long(1<<60) + "x."), "", "cut off"},
		"bytes claim 2^63":      {literal("\x8e" + long(1<<63) + "x."), "", "cut off"},
		"bytes claim 2^40":      {literal("\x8e" + long(1<<40) + "x."), "", "cut off"},
		"array claims 2^60":     {literal("\x96" + long(1<<60) + "x."), "", "cut off"},
		"int of 2 GB":           {literal("\x8b\xff\xff\xff\x7fx."), preview.Opaque, ""},
		"long line":             {repeated("V", "x", 30_000_000, "\n."), preview.Text, "xxx"},
		"long name":             {repeated("c", "x", 3_000_000, "\nx\n."), preview.Object, "xxx"},
		"long int line":         {repeated("I", "9", 3_000_000, "\n."), preview.Opaque, ""},
		"cut off":               {literal("\x80\x04]\x94(K\x01K\x02"), "", "cut off"},
		"empty":                 {literal(""), "", "cut off"},
		"no pickle":             {literal("PK\x03\x04 this is a zip"), "", "opcode"},
		"many values":           {repeated("](", "K\x01", 5_000_000, "e."), "", ""},
		"many small lists":      {repeated("](", "]\x94K\x01a", 1_000_000, "e."), "", ""},
		"many objects":          {repeated("](", "cm\nC\n)\x81\x94", 500_000, "e."), "", ""},
		"wide tuple of strings": {repeated("(", "\x8c\xff"+strings.Repeat("x", 255), 200_000, "t."), "", ""},
		"many long strings":     {repeated("](", "X\xff\xff\x00\x00"+strings.Repeat("x", 65535), 1000, "e."), preview.List, "1000 items"},
		"array of nonsense":     {literal("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I99999999\nI99999999\nI99999999\nI99999999\ntcnumpy\ndtype\n(S'f8'\ntRI00\nS''\ntb."), preview.Opaque, ""},
		"negative shape":        {literal("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I-5\ntcnumpy\ndtype\n(S'f8'\ntRI00\nS''\ntb."), preview.Opaque, ""},
	} {
		for _, how := range []struct {
			name string
			make func(string, func(io.Writer) error) Artifact
		}{{"raw", b.raw}, {"zipped", b.zipped}} {
			a := how.make(name+" "+how.name, c.write)
			d, err := b.describe(a, Quick)
			switch {
			case err != nil && (c.kind != "" || !strings.Contains(err.Error(), c.contains)):
				t.Errorf("%s: %v", a.Name, err)
			case err == nil && (c.kind != "" && d.Kind != c.kind && !d.Partial || !d.Partial && !strings.Contains(d.Summary, c.contains)):
				t.Errorf("%s: %+v", a.Name, d)
			case err == nil && (len(d.Summary) > 500 || len(d.Value) > 20_000 || len(d.Parts) > 50):
				t.Errorf("%s: a long description: %d %d %d", a.Name, len(d.Summary), len(d.Value), len(d.Parts))
			}
		}
	}
	if _, err := os.Stat(owned); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a command of a pickle was run: %v", err)
	}
}

// A few kilobytes that inflate to gigabytes are looked at for as long as any other value.
func TestBombs(t *testing.T) {
	b := newBlobDir(t)
	for name, write := range map[string]func(io.Writer) error{
		"opcodes": repeated("", "N0", 100_000_000, "N."),
		"payload": repeated("\x8e"+string(binary.LittleEndian.AppendUint64(nil, 1<<40)), "\x00", 300_000_000, ""),
	} {
		a := b.zipped(name, write)
		d, err := b.describe(a, Budget{Time: Quick.Time, Bytes: 10 << 20})
		if name == "payload" && (err != nil || !d.Partial || d.Read > 11<<20 || d.Summary != "1099511627776 bytes") || name == "opcodes" && err == nil && !d.Partial {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
}

// What is no file of the data store is not read, and the reason is said.
func TestHostileBlobs(t *testing.T) {
	b := newBlobDir(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("K\x05."), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, put := range map[string]func(path string) error{
		"link out of the store": func(path string) error { return os.Symlink(secret, path) },
		"FIFO":                  func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"device":                func(path string) error { return os.Symlink("/dev/zero", path) },
		"folder":                func(path string) error { return os.Mkdir(path, 0o700) },
		"nothing":               func(string) error { return nil },
		"no gzip":               func(path string) error { return os.WriteFile(path, []byte("K\x05."), 0o600) },
		"corrupt gzip": func(path string) error {
			var z bytes.Buffer
			w := gzip.NewWriter(&z)
			if err := errors.Join(literal("\x80\x04]"+strings.Repeat("K\x01a", 5000)+".")(w), w.Close()); err != nil {
				return err
			}
			data := z.Bytes()
			data[len(data)/2] ^= 0xFF
			return os.WriteFile(path, data, 0o600)
		},
		"meta is no JSON": func(path string) error {
			return errors.Join(os.WriteFile(path, []byte("K\x05."), 0o600), os.WriteFile(path+"_meta", []byte("{"), 0o600))
		},
		"meta is a FIFO": func(path string) error {
			return errors.Join(os.WriteFile(path, []byte("K\x05."), 0o600), syscall.Mkfifo(path+"_meta", 0o600))
		},
	} {
		a, path := b.path(name)
		if err := put(path); err != nil {
			t.Fatal(err)
		}
		if d, err := b.describe(a, Quick); err == nil || len(err.Error()) > 400 {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	for _, key := range []string{"", "../../../etc/passwd", strings.Repeat("G", 40)} {
		if d, err := b.describe(Artifact{SHA: key}, Quick); err == nil {
			t.Errorf("key %q: %+v", key, d)
		}
	}
	if d, err := b.describe(Artifact{Type: "ext.Thing", Encoding: "other", SHA: "x"}, Quick); err != nil || d.Type != "ext.Thing" || d.Kind != preview.Opaque {
		t.Errorf("a value of another serializer: %+v, %v", d, err)
	}
}

// Someone who stops waiting is heard at once, however much there is.
func TestDescribeCancelled(t *testing.T) {
	b := newBlobDir(t)
	a := b.zipped("large", repeated("]", "("+strings.Repeat("K\x01", 1000)+"e", 20_000, "."))
	ctx, cancel := context.WithCancel(t.Context())
	reported := 0
	budget := Whole
	budget.Progress = func(int64) { reported++; cancel() }
	if d, err := DescribeBlob(ctx, b.Blobs, a, budget); !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", d, err)
	}
	if reported == 0 || reported > 2 {
		t.Errorf("%d reports of progress", reported)
	}
}
