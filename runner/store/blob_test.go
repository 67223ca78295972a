package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

type fixture struct {
	Blobs
	dir string
	t   *testing.T
}

func newFixture(t *testing.T) fixture {
	root := t.TempDir()
	return fixture{NewLocal(root, "F"), filepath.Join(root, "F", "data"), t}
}

// put stores content under the key of value; meta "" writes no meta file.
func (f fixture) put(value, content []byte, meta string) string {
	f.t.Helper()
	sum := sha1.Sum(value)
	key := hex.EncodeToString(sum[:])
	path := filepath.Join(f.dir, key[:2], key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		f.t.Fatal(err)
	}
	if meta != "" {
		if err := os.WriteFile(path+"_meta", []byte(meta), 0o600); err != nil {
			f.t.Fatal(err)
		}
	}
	return key
}

func zip(t *testing.T, p []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(p); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRead(t *testing.T) {
	value := []byte("some value")
	for name, c := range map[string]struct {
		content []byte
		meta    string
	}{
		"compressed":          {zip(t, value), `{"cas_raw": false, "cas_version": 1}`},
		"compressed, no meta": {zip(t, value), ""},
		"raw":                 {value, `{"cas_raw": true, "cas_version": 1}`},
	} {
		f := newFixture(t)
		key := f.put(value, c.content, c.meta)
		if got, err := f.Read(t.Context(), key, 10); err != nil || string(got) != string(value) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if got, err := f.Read(t.Context(), key, 9); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s with one byte less: %q, %v", name, got, err)
		}
	}
}

func TestBomb(t *testing.T) {
	f := newFixture(t)
	key := f.put([]byte("bomb"), zip(t, make([]byte, 50<<20)), "")
	if _, err := f.Read(t.Context(), key, 1<<20); !errors.Is(err, ErrTooLarge) {
		t.Errorf("bomb: %v", err)
	}
	large := f.put([]byte("large"), make([]byte, 5000), `{"cas_raw": true}`)
	if _, err := f.Read(t.Context(), large, 100); !errors.Is(err, ErrTooLarge) {
		t.Errorf("large file: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	f := newFixture(t)
	for _, key := range []string{"", "..", "../../../etc/passwd", strings.Repeat("g", 40), strings.Repeat("A", 40), "ab/" + strings.Repeat("a", 37)} {
		if _, err := f.Read(t.Context(), key, 100); err == nil || errors.Is(err, os.ErrNotExist) {
			t.Errorf("key %q: %v", key, err)
		}
	}
	if _, err := f.Read(t.Context(), strings.Repeat("a", 40), 100); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such blob: %v", err)
	}
	for name, meta := range map[string]string{"version": `{"cas_raw": true, "cas_version": 2}`, "no JSON": "x", "huge": strings.Repeat(" ", 5000)} {
		if _, err := f.Read(t.Context(), f.put([]byte(name), []byte("x"), meta), 100); err == nil {
			t.Errorf("meta with %s was accepted", name)
		}
	}
	if _, err := f.Read(t.Context(), f.put([]byte("cut"), zip(t, []byte("hello"))[:15], ""), 100); err == nil {
		t.Error("a cut-off blob was accepted")
	}
	// A FIFO in place of a blob must not block the reader.
	key := f.put([]byte("fifo"), nil, "")
	path := filepath.Join(f.dir, key[:2], key)
	if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(t.Context(), key, 100); err == nil {
		t.Error("a FIFO was read")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Read(ctx, f.put([]byte("v"), zip(t, []byte("v")), ""), 100); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
