package store

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A link that leads out of the store is not followed; one within is.
func TestLinks(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	root := t.TempDir()
	if err := errors.Join(
		os.WriteFile(outside, []byte("secret"), 0o600),
		os.MkdirAll(filepath.Join(root, "F", "data"), 0o700),
		os.WriteFile(filepath.Join(root, "F", "inside"), []byte("inside"), 0o600),
		os.Symlink(outside, filepath.Join(root, "F", "absolute")),
		os.Symlink("../../"+filepath.Base(filepath.Dir(outside))+"/secret", filepath.Join(root, "F", "relative")),
		os.Symlink(filepath.Dir(outside), filepath.Join(root, "F", "folder")),
		os.Symlink("inside", filepath.Join(root, "F", "fine")),
		os.Symlink("/dev/zero", filepath.Join(root, "F", "device")),
	); err != nil {
		t.Fatal(err)
	}
	files := Local{root}
	for _, name := range []string{"F/absolute", "F/relative", "F/folder/secret", "F/device", "../x", "/etc/passwd", "", "F/../../x", "F/data"} {
		if data, err := ReadFile(t.Context(), files, name, 100); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %q, %v", name, data, err)
		}
		if _, err := files.Stat(t.Context(), name); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("stat of %s: %v", name, err)
		}
	}
	if data, err := ReadFile(t.Context(), files, "F/fine", 100); err != nil || string(data) != "inside" {
		t.Errorf("a link within the store: %q, %v", data, err)
	}
	if err := files.List(t.Context(), "F/folder", func(e Entry) bool { t.Errorf("lists %s", e.Name); return true }); err == nil {
		t.Error("a folder outside of the store was listed")
	}
}

func TestList(t *testing.T) {
	root := t.TempDir()
	if err := errors.Join(os.MkdirAll(filepath.Join(root, "F", "1"), 0o700), os.WriteFile(filepath.Join(root, "F", "latest_run"), []byte("1"), 0o600)); err != nil {
		t.Fatal(err)
	}
	var names []string
	list := func(e Entry) bool {
		names = append(names, e.Name)
		if e.Dir != (e.Name == "1") || !e.Dir && e.Info.Size != 1 {
			t.Errorf("%+v", e)
		}
		return true
	}
	if err := (Local{root}).List(t.Context(), "F", list); err != nil {
		t.Fatal(err)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"1", "latest_run"}) {
		t.Errorf("%q", names)
	}
	names = nil
	if err := (Local{root}).List(t.Context(), "F", func(e Entry) bool { list(e); return false }); err != nil || len(names) != 1 {
		t.Errorf("stopped after %q, %v", names, err)
	}
}

// Skipping and reading in turn gives the same bytes as reading alone.
func TestSkip(t *testing.T) {
	value := []byte(strings.Repeat("0123456789", 1000))
	for name, c := range map[string]struct {
		content []byte
		meta    string
	}{"raw": {value, `{"cas_raw": true}`}, "compressed": {zip(t, value), ""}} {
		f := newFixture(t)
		b, err := f.Open(t.Context(), f.put(value, c.content, c.meta))
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		for at := 0; at+15 <= len(value); at += 15 {
			if _, err := io.CopyN(&got, b, 5); err != nil {
				t.Fatal(err)
			}
			if err := b.Skip(10); err != nil {
				t.Fatal(err)
			}
		}
		if want := strings.Repeat("01234"+"56789", len(value)/30); got.String() != want[:got.Len()] || got.Len() < len(value)/3-5 {
			t.Errorf("%s: %.60s…", name, got.String())
		}
		if err := b.Skip(100); err == nil {
			t.Errorf("%s: skipped past the end", name)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}
