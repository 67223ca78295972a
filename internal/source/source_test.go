package source

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestDecode(t *testing.T) {
	cases := []struct{ name, src, want, err string }{
		{"plain", "x = 1\n", "x = 1\n", ""},
		{"utf-8", "# é\n", "# é\n", ""},
		{"byte order mark", "\xef\xbb\xbf# é\n", "\xef\xbb\xbf# é\n", ""},
		{"utf-8 cookie", "# -*- coding: utf-8 -*-\n# é\n", "# -*- coding: utf-8 -*-\n# é\n", ""},
		{"utf8 for emacs on unix", "# coding: utf-8-unix\n# é\n", "# coding: utf-8-unix\n# é\n", ""},
		{"latin-1", "# -*- coding: latin-1 -*-\n# \xe9\n", "# -*- coding: latin-1 -*-\n# é\n", ""},
		{"latin-1 keeps the C1 bytes", "# coding=latin-1\n# \x80\n", "# coding=latin-1\n# \u0080\n", ""},
		{"vim cookie in line 2", "#!/usr/bin/python\n# vim: set fileencoding=ISO_8859-15 :\n# \xa4\n", "#!/usr/bin/python\n# vim: set fileencoding=ISO_8859-15 :\n# €\n", ""},
		{"cookie after a blank CRLF line", "\r\n# coding: cp1252\r\n# \x80\r\n", "\r\n# coding: cp1252\r\n# €\r\n", ""},
		{"koi8", "# coding: koi8-r\n# \xc1\n", "# coding: koi8-r\n# а\n", ""},
		{"shift-jis", "# coding: shift_jis\n# \x82\xa0\n", "# coding: shift_jis\n# あ\n", ""},
		{"by an alias of Python's", "# coding: latin2\n# \xb1\n", "# coding: latin2\n# ą\n", ""},
		{"cp932", "# coding: cp932\n# \x82\xa0\n", "# coding: cp932\n# あ\n", ""},
		{"gb2312", "# coding: gb2312\n# \xc4\xe3\n", "# coding: gb2312\n# 你\n", ""},
		{"euc-kr", "# coding: euc-kr\n# \xb0\xa1\n", "# coding: euc-kr\n# 가\n", ""},
		{"cookie in line 3 does not count", "#\n#\n# coding: latin-1\n# \xe9\n", "", "is not UTF-8 (byte 0xe9 in line 4)"},
		{"cookie after code does not count", "x = 1\n# coding: latin-1\n# \xe9\n", "", "is not UTF-8 (byte 0xe9 in line 3)"},
		{"not utf-8", "# \xe9\n", "", "is not UTF-8 (byte 0xe9 in line 1)"},
		{"ascii", "# coding: ascii\n# \xc3\xa9\n", "", "declares ASCII but is not (byte 0xc3 in line 2)"},
		{"unknown", "# coding: klingon\n", "", `declares the encoding "klingon", which flowls does not know`},
		{"mark against cookie", "\xef\xbb\xbf# coding: latin-1\n", "", "byte order mark but declares"},
		{"utf-16", "\xff\xfea\x00", "", "is UTF-16"},
		{"binary", "ELF\x00", "", "is binary (a zero byte at offset 3)"},
		{"empty", "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Decode([]byte(c.src))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want one with %q", err, c.err)
				}
				return
			}
			if err != nil || string(got) != c.want {
				t.Fatalf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, b []byte) {
		if err := os.WriteFile(at(name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("ok.py", []byte("x"))
	write("limit.py", bytes.Repeat([]byte("\n"), MaxSize))
	write("huge.py", bytes.Repeat([]byte("\n"), MaxSize+1))
	if err := syscall.Mkfifo(at("fifo.py"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"dangling.py": "nowhere", "loop.py": "loop.py", "link.py": "ok.py"} {
		if err := os.Symlink(target, at(name)); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{
		"ok.py": "", "limit.py": "", "link.py": "", "huge.py": "larger than 8 MiB", "fifo.py": "named pipe", "dangling.py": "link to nothing",
		"loop.py": "too many levels", "missing.py": "no such file", ".": "is a directory",
	}
	if os.Geteuid() != 0 { // root reads everything
		write("secret.py", []byte("x"))
		if err := os.Chmod(at("secret.py"), 0); err != nil {
			t.Fatal(err)
		}
		want["secret.py"] = "permission denied"
	}
	for name, msg := range want {
		done := make(chan error, 1)
		go func() { _, err := ReadFile(at(name)); done <- err }()
		select {
		case err := <-done:
			if msg == "" && err != nil || msg != "" && (err == nil || !strings.Contains(err.Error(), msg)) {
				t.Errorf("%s: error %v, want %q", name, err, msg)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%s: reading hangs", name)
		}
	}
}

func TestMayHoldFlow(t *testing.T) {
	for src, want := range map[string]bool{
		"import metaflow\n":                        true,
		"class F(FlowSpec): pass\n":                true,
		"class F(Base):\n    @step\n    def a(s)":  true,
		"class F(Base):\r\t@ mf . step\r\tdef a()": true,
		"step = 1\nfor step in steps: pass\n":      false,
		"x = 1 @ steps\n":                          false,
		"":                                         false,
	} {
		if got := MayHoldFlow([]byte(src)); got != want {
			t.Errorf("%q: %v, want %v", src, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("# coding: latin-1\n\xe9"))
	f.Add([]byte("\xef\xbb\xbf# coding: shift_jis\n\x82"))
	f.Fuzz(func(t *testing.T, src []byte) {
		out, err := Decode(src)
		if err == nil && !bytes.Equal(out, bytes.ToValidUTF8(out, nil)) {
			t.Errorf("%q decodes to %q, which is not UTF-8", src, out)
		}
	})
}
