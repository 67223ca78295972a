package s3

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"flowls/runner/runnertest"
	"flowls/runner/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// open is a store on a real server, with the environment that a user would set.
func open(t *testing.T) *Store {
	t.Helper()
	server := runnertest.StartS3(t)
	for _, v := range server.Env {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	s, err := New(t.Context(), Options{Root: "s3://" + server.Bucket + "/metaflow", Endpoint: server.Endpoint})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *Store, name string, data []byte, noted string) {
	t.Helper()
	in := &s3.PutObjectInput{Bucket: &s.bucket, Key: aws.String(s.prefix + "/" + name), Body: bytes.NewReader(data)}
	if noted != "" {
		in.Metadata = map[string]string{attributes: noted}
	}
	if _, err := s.client.PutObject(t.Context(), in); err != nil {
		t.Fatal(err)
	}
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

func TestFiles(t *testing.T) {
	s := open(t)
	put(t, s, "F/1/start/1/0.data.json", []byte("{}"), "")
	put(t, s, "F/1/start/2/0.data.json", []byte("0123456789"), "")
	s.page = 10 // several of them
	for i := range 25 {
		put(t, s, fmt.Sprintf("F/many/%04d", i), nil, "")
	}
	if data, err := store.ReadFile(t.Context(), s, "F/1/start/2/0.data.json", 10); err != nil || string(data) != "0123456789" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := store.ReadFile(t.Context(), s, "F/1/start/2/0.data.json", 9); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("one byte too many: %v", err)
	}
	r, info, err := s.Open(t.Context(), "F/1/start/2/0.data.json", 7)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "789" || info.Size != 10 {
		t.Errorf("from byte 7: %q, %+v, %v", rest, info, err)
	}
	for _, name := range []string{"F/2", "F/1/start/1", "nothing"} {
		if _, err := s.Stat(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("stat of %s: %v", name, err)
		}
		if _, _, err := s.Open(t.Context(), name, 0); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open of %s: %v", name, err)
		}
	}
	for _, name := range []string{"", "../x", "/x", "a//b", "a/../../b"} {
		if _, _, err := s.Open(t.Context(), name, 0); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("name %q: %v", name, err)
		}
	}
	var names []string
	if err := s.List(t.Context(), "F/1/start", func(e store.Entry) bool { names = append(names, e.Name); return e.Dir }); err != nil || !slices.Equal(names, []string{"1", "2"}) {
		t.Errorf("folders %q, %v", names, err)
	}
	n := 0
	if err := s.List(t.Context(), "F/many", func(e store.Entry) bool { n++; return !e.Dir }); err != nil || n != 25 {
		t.Errorf("%d files, %v", n, err)
	}
	if err := s.List(t.Context(), "F/none", func(e store.Entry) bool { t.Errorf("lists %+v", e); return true }); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Stat(ctx, "F/1"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestBlobs(t *testing.T) {
	s := open(t)
	value := []byte(strings.Repeat("0123456789", 500_000))
	keys := map[string]string{"raw": strings.Repeat("a", 40), "compressed": strings.Repeat("b", 40)}
	put(t, s, "F/data/aa/"+keys["raw"], value, `{"cas_raw": true, "cas_version": 1}`)
	put(t, s, "F/data/bb/"+keys["compressed"], zip(t, value), `{"cas_raw": false, "cas_version": 1}`)
	blobs := store.Blobs{Files: s, Flow: "F"}
	for name, key := range keys {
		if got, err := blobs.Read(t.Context(), key, int64(len(value))); err != nil || !bytes.Equal(got, value) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if _, err := blobs.Read(t.Context(), key, int64(len(value))-1); !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("%s with one byte less: %v", name, err)
		}
		b, err := blobs.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if b.Raw != (name == "raw") {
			t.Errorf("%s: raw %v", name, b.Raw)
		}
		// Over more than what is worth reading, and over less.
		for _, n := range []int64{3_000_005, 12} {
			if err := b.Skip(n); err != nil {
				t.Fatal(err)
			}
		}
		p := make([]byte, 5)
		if _, err := io.ReadFull(b, p); err != nil || string(p) != "78901" {
			t.Errorf("%s after skipping: %q, %v", name, p, err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What is wrong with a place is said in terms of Metaflow's settings.
func TestErrors(t *testing.T) {
	s := open(t)
	if _, err := New(t.Context(), Options{Root: "/tmp/x"}); err == nil || !strings.Contains(err.Error(), "METAFLOW_DATASTORE_SYSROOT_S3") {
		t.Errorf("a path: %v", err)
	}
	s.bucket = "missing"
	if _, _, err := s.Open(t.Context(), "F/x", 0); err == nil || !strings.Contains(err.Error(), `no bucket "missing"`) {
		t.Errorf("no bucket: %v", err)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	other, err := New(t.Context(), Options{Root: "s3://flows", Endpoint: aws.ToString(s.client.Options().BaseEndpoint)})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := other.Open(t.Context(), "F/x", 0); err == nil || !strings.Contains(err.Error(), "access denied") {
		t.Errorf("wrong secret: %v", err)
	}
}

// A piece of a file costs that piece, also at its end and behind it.
func TestReadRange(t *testing.T) {
	s := open(t)
	put(t, s, "F/file", []byte("0123456789"), `{"cas_raw": true}`)
	put(t, s, "F/empty", nil, "")
	for _, c := range []struct {
		name           string
		offset, length int64
		want           string
		size           int64
	}{
		{"F/file", 0, 4, "0123", 10}, {"F/file", 8, 4, "89", 10}, {"F/file", 10, 4, "", 10}, {"F/file", 99, 4, "", 10},
		{"F/file", 3, 0, "", 10}, {"F/empty", 0, 4, "", 0}, {"F/empty", 0, 0, "", 0},
	} {
		data, info, err := s.ReadRange(t.Context(), c.name, c.offset, c.length)
		if err != nil || string(data) != c.want || info.Size != c.size || info.Modified.IsZero() || (c.size > 0) != (string(info.Attributes) != "") {
			t.Errorf("%+v: %q, %+v, %v", c, data, info, err)
		}
	}
	if _, _, err := s.ReadRange(t.Context(), "F/none", 0, 4); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
	if _, _, err := s.ReadRange(t.Context(), "../x", 0, 4); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a path: %v", err)
	}
}
