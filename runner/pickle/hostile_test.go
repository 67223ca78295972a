package pickle

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func read(t *testing.T, data string) Value {
	t.Helper()
	v, err := Read(t.Context(), []byte(data), Limits{})
	if err != nil {
		t.Fatalf("%q: %v", data, err)
	}
	return v
}

// What would run a command in Python is a node here.
func TestNothingIsExecuted(t *testing.T) {
	v := read(t, "cos\nsystem\n(S'touch /tmp/owned'\ntR.")
	o, ok := v.(*Object)
	if !ok || !o.Is("os", "system") || len(o.Args) != 1 || o.Args[0] != "touch /tmp/owned" {
		t.Errorf("%#v", v)
	}
	if text, _ := Repr(v, 100); text != "<os.system>" {
		t.Errorf("repr %s", text)
	}
	if text, ok := Preview(v, 100); ok {
		t.Errorf("preview %s", text)
	}
}

func TestLimits(t *testing.T) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		data   string
		limits Limits
		want   error
	}{
		"values":             {strings.Repeat("N", 101) + ".", Limits{Nodes: 100}, ErrLimit},
		"values appended":    {"](" + strings.Repeat("N", 60) + "e.", Limits{Nodes: 100}, ErrLimit},
		"marks":              {strings.Repeat("(", 101) + ".", Limits{Nodes: 100}, ErrLimit},
		"memo":               {"N" + strings.Repeat("\x94", 11) + ".", Limits{Memo: 10}, ErrLimit},
		"int":                {"\x8b\xff\x00\x00\x00" + strings.Repeat("\x7f", 255) + ".", Limits{IntBytes: 100}, ErrLimit},
		"decimal int":        {"L" + strings.Repeat("9", 300) + "L\n.", Limits{IntBytes: 100}, ErrLimit},
		"long claims more":   {"\x8b\xff\xff\xff\x7fx.", Limits{}, ErrTruncated},
		"string claims 2^63": {"\x8d\xff\xff\xff\xff\xff\xff\xff\x7fx.", Limits{}, ErrTruncated},
		"string claims 2^64": {"\x8d\xff\xff\xff\xff\xff\xff\xff\xffx.", Limits{}, ErrTruncated},
		"frame claims more":  {"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", Limits{}, ErrTruncated},
		"no end":             {"N", Limits{}, ErrTruncated},
		"empty":              {"", Limits{}, ErrTruncated},
	} {
		if v, err := Read(ctx, []byte(c.data), c.limits); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, v, err, c.want)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Read(cancelled, bytes.Repeat([]byte("N0"), 1<<20), Limits{Nodes: 1 << 30}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestMalformed(t *testing.T) {
	for _, data := range []string{
		".", "0.", "e.", "t.", "a.", "s.", "R.", "b.", "\x81.", "\x92.", "\x93.", "NN\x93.", "NNR.", "(", "1.", "h\x00.", "g1\n.", "gx\n.",
		"p\n.", "p-1\n.", "N(a.", "N(0a.", "](Nu.", "}(Nu.", "NNa.", "NNNs.", "(o.", "\x80\x06N.", "\xff.", "Ix\n.", "Lx\n.", "Fx\n.", "S'a\n.", "Sa\n.", "2.",
		"]p0\n(h\x00b.",
	} {
		if v, err := Read(t.Context(), []byte(data), Limits{}); err == nil {
			t.Errorf("%q gives %v", data, v)
		}
	}
}

// A few bytes that stand for 2^60 values must cost neither time nor memory.
func TestSharedBomb(t *testing.T) {
	data := "\x80\x04]\x94"
	for i := range 60 {
		data += "](h" + string(rune(i)) + "h" + string(rune(i)) + "e\x94"
	}
	v := read(t, data+".")
	text, complete := Repr(v, 200)
	if complete || len(text) > 200 {
		t.Errorf("%d bytes, complete %v", len(text), complete)
	}
	if p, ok := Preview(v, 60); !ok || len(p) > 60 {
		t.Errorf("preview %q", p)
	}
}

func TestDeepNesting(t *testing.T) {
	v := read(t, strings.Repeat("]", 200_000)+strings.Repeat("a", 199_999)+".")
	if text, _ := Repr(v, 1<<20); !strings.HasPrefix(text, strings.Repeat("[", 30)) || !strings.Contains(text, "...") {
		t.Errorf("%.100s", text)
	}
}

func TestPreview(t *testing.T) {
	for _, c := range []struct {
		data, want string
		ok         bool
	}{
		{"K\x05.", "5", true},
		{"](K\x01K\x02e.", "[1, 2]", true},
		{"](" + strings.Repeat("K\x01", 50) + "e.", "[50 items]", true},
		{"(" + strings.Repeat("K\x01", 50) + "t.", "(50 items)", true},
		{"}(" + strings.Repeat("K\x01K\x02", 1) + "K\x02X\x40\x00\x00\x00" + strings.Repeat("a", 64) + "u.", "{2 items}", true},
		{"X\x40\x00\x00\x00" + strings.Repeat("a", 64) + ".", "'" + strings.Repeat("a", 19) + "… (64 characters)", true},
		{"C\x40" + strings.Repeat("a", 64) + ".", "64 bytes", true},
		{"c__main__\nThing\n)\x81}b.", "", false},
		{"](c__main__\nThing\n)\x81e.", "[<__main__.Thing>]", true},
		{"cm\nf\n.", "", false},
	} {
		got, ok := Preview(read(t, c.data), 40)
		if got != c.want || ok != c.ok {
			t.Errorf("%.40q: %q, %v; want %q, %v", c.data, got, ok, c.want, c.ok)
		}
	}
}

func TestNumpyScalars(t *testing.T) {
	scalar := func(module, code, order, raw string) string {
		return "c" + module + ".multiarray\nscalar\n(cnumpy\ndtype\n(S'" + code + "'\nI00\nI01\ntR(I3\nS'" + order + "'\nNNNI-1\nI-1\nI0\ntbC" + string(rune(len(raw))) + raw + "tR."
	}
	for _, c := range []struct{ data, want string }{
		{scalar("numpy.core", "f8", "<", "\x00\x00\x00\x00\x00\x00\xe0\x3f"), "0.5"},
		{scalar("numpy._core", "f8", ">", "\x3f\xe0\x00\x00\x00\x00\x00\x00"), "0.5"},
		{scalar("numpy._core", "f4", "<", "\xcd\xcc\xcc\x3d"), "0.1"},
		{scalar("numpy._core", "i8", "<", "\xfe\xff\xff\xff\xff\xff\xff\xff"), "-2"},
		{scalar("numpy._core", "i2", "<", "\xfe\xff"), "-2"},
		{scalar("numpy._core", "u2", "<", "\xfe\xff"), "65534"},
		{scalar("numpy._core", "b1", "|", "\x01"), "True"},
		{scalar("numpy._core", "f8", "<", "\x00"), "<numpy._core.multiarray.scalar>"},
	} {
		if got, _ := Repr(read(t, c.data), 100); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"N.", "\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94(K\x01e.", "cos\nsystem\n(S'x'\ntR.", "(dp0\nS'a'\nI1\ns.", "]\x94h\x00a.",
		"\x80\x02cdatetime\ndatetime\nU\x0a\x07\xea\x01\x02\x03\x04\x00\x00\x00\x00\x85R.", "G?\xe0\x00\x00\x00\x00\x00\x00.", "\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00.",
		"cuuid\nUUID\n)\x81}X\x03\x00\x00\x00intK\x05sb.", "cfractions\nFraction\nX\x03\x00\x00\x001/2\x85R.",
		"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\nX\x02\x00\x00\x00f8\x85R(K\x03X\x01\x00\x00\x00<tbC\x08AAAAAAAAtR.",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Read(t.Context(), data, Limits{Nodes: 10_000, Memo: 1000, IntBytes: 64})
		if err != nil {
			return
		}
		if text, _ := Repr(v, 500); len(text) > 500 {
			t.Errorf("repr of %d bytes", len(text))
		}
		if text, _ := Preview(v, 60); len(text) > 70 {
			t.Errorf("preview of %d bytes: %s", len(text), text)
		}
	})
}

// A cut that falls inside a character shortens the text below the limit.
func TestPreviewOfWideCharacters(t *testing.T) {
	for n := range 40 {
		o := &Object{Callable: &Global{"pathlib", "PosixPath"}, Args: []Value{strings.Repeat("a", n) + strings.Repeat("😀", 100)}}
		if text, ok := Preview(o, 60); ok && (len(text) > 64 || !utf8.ValidString(text)) {
			t.Errorf("%d: %q", n, text)
		}
	}
}
